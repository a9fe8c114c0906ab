import { createECDH } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isNistScalar, isUncompressedPoint, NIST_CURVES, randomNistScalar } from "./nist-curves.ts";

const CURVES = [
  { curve: "P-256", name: "prime256v1" },
  { curve: "P-384", name: "secp384r1" },
  { curve: "P-521", name: "secp521r1" },
] as const;

function neighbour(bytes: Uint8Array, difference: number): Uint8Array {
  const changed = bytes.slice();
  changed[changed.length - 1]! += difference;
  return changed;
}

describe.each(CURVES)("constants of $curve", ({ curve, name }) => {
  const { length, order, generator } = NIST_CURVES[curve];

  it("have OpenSSL's base point and order", () => {
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(neighbour(new Uint8Array(length), 1));
    expect(new Uint8Array(ecdh.getPublicKey())).toEqual(generator);
    // (n - 1)·G = -G, so the order is right if this has the same x; n itself is no private key.
    ecdh.setPrivateKey(neighbour(order, -1));
    expect(new Uint8Array(ecdh.getPublicKey()).subarray(0, 1 + length)).toEqual(
      generator.subarray(0, 1 + length),
    );
    expect(() => ecdh.setPrivateKey(order)).toThrow();
  });

  it("bound the scalars", () => {
    expect(isNistScalar(curve, new Uint8Array(length))).toBe(false);
    expect(isNistScalar(curve, neighbour(new Uint8Array(length), 1))).toBe(true);
    expect(isNistScalar(curve, neighbour(order, -1))).toBe(true);
    expect(isNistScalar(curve, order)).toBe(false);
    expect(isNistScalar(curve, neighbour(order, 1))).toBe(false);
    expect(isNistScalar(curve, new Uint8Array(length).fill(0xff))).toBe(false);
    expect(isNistScalar(curve, neighbour(new Uint8Array(length - 1), 1))).toBe(false);
    expect(isNistScalar(curve, neighbour(new Uint8Array(length + 1), 1))).toBe(false);
  });

  it("tell an uncompressed point by its form", () => {
    expect(isUncompressedPoint(curve, generator)).toBe(true);
    expect(isUncompressedPoint(curve, generator.subarray(0, 1 + length))).toBe(false);
    expect(isUncompressedPoint(curve, Uint8Array.of(6, ...generator.subarray(1)))).toBe(false);
  });

  it("draw a scalar again when it is out of range", () => {
    const draws = [new Uint8Array(length), order.slice(), neighbour(new Uint8Array(length), 7)];
    const scalar = randomNistScalar(curve, () => draws.shift() ?? new Uint8Array(length));
    expect(scalar).toEqual(neighbour(new Uint8Array(length), 7));
    expect(draws).toHaveLength(0);
  });
});
