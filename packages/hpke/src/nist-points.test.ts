import { createECDH } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NIST_CURVES } from "./nist-curves.ts";
import { isNistPoint } from "./nist-points.ts";

describe.each([
  ["P-256", "prime256v1", 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n],
  ["P-384", "secp384r1", 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n],
  ["P-521", "secp521r1", 2n ** 521n - 1n],
] as const)("a point of %s", (curve, openSslName, prime) => {
  const { length, generator } = NIST_CURVES[curve];

  it("satisfies the equation", () => {
    expect(isNistPoint(curve, generator)).toBe(true);
    for (let i = 0; i < 8; i++) {
      const ecdh = createECDH(openSslName);
      const point = new Uint8Array(ecdh.generateKeys());
      expect(isNistPoint(curve, point)).toBe(true);
      point[1 + (i % (2 * length))]! ^= 1 << (i % 8);
      expect(isNistPoint(curve, point)).toBe(false);
    }
  });

  it("has reduced coordinates and the uncompressed form", () => {
    const unreduced = new Uint8Array(generator);
    const bytes = (value: bigint): Uint8Array =>
      new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex"));
    // (0, y) has y² = b; with x = p it is the same point, written another way.
    unreduced.set(bytes(prime), 1);
    expect(isNistPoint(curve, unreduced)).toBe(false);
    expect(isNistPoint(curve, new Uint8Array(1 + 2 * length).fill(4, 0, 1))).toBe(false);
    expect(isNistPoint(curve, generator.subarray(0, 1 + length))).toBe(false);
    expect(isNistPoint(curve, Uint8Array.of(6, ...generator.subarray(1)))).toBe(false);
    expect(isNistPoint(curve, new Uint8Array(0))).toBe(false);
  });
});
