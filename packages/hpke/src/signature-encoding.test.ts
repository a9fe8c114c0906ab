import { generateKeyPairSync, sign } from "node:crypto";
import { bytesToHex, hexToBytes } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NIST_CURVES } from "./nist-curves.ts";
import { decodeEcdsaSignature, encodeEcdsaSignature } from "./signature-encoding.ts";

const one = "00".repeat(31) + "01";
const two = "00".repeat(31) + "02";

describe("ECDSA signatures as DER", () => {
  it("reads and writes the shortest form", () => {
    const der = hexToBytes("3006020101020102");
    expect(bytesToHex(decodeEcdsaSignature("P-256", der)!)).toBe(one + two);
    expect(encodeEcdsaSignature(hexToBytes(one + two))).toEqual(der);
  });

  it("puts a zero in front of a value with its top bit set", () => {
    const raw = hexToBytes("00".repeat(31) + "80" + "ff00" + "00".repeat(30));
    const der = encodeEcdsaSignature(raw);
    expect(bytesToHex(der)).toBe(`302702020080022100ff${"00".repeat(31)}`);
    expect(decodeEcdsaSignature("P-256", der)).toEqual(raw);
  });

  it("uses a length byte more on P-521, where the content passes 127 bytes", () => {
    const raw = new Uint8Array(132).fill(0xff);
    raw.set([1, 0]);
    raw.set([1, 0], 66);
    const der = encodeEcdsaSignature(raw);
    expect(bytesToHex(der.subarray(0, 3))).toBe("308188");
    expect(decodeEcdsaSignature("P-521", der)).toEqual(raw);
  });

  it.each([
    ["nothing", ""],
    ["no content", "3000"],
    ["another tag", "3106020101020102"],
    ["bytes after the end", "300602010102010200"],
    ["bytes inside after s", "300702010102010200"],
    ["a length that runs out", "3007020101020102"],
    ["a length in two bytes where one does", "308106020101020102"],
    ["an indefinite length", "30800201010201020000"],
    ["an INTEGER's length in two bytes", "30070281010102010" + "2"],
    ["a zero too many", "300702020001020102"],
    ["a negative r", "3006020181020102"],
    ["an empty r", "30050200020102"],
    ["r = 0", "3006020100020102"],
    ["s = 0", "3006020101020100"],
    ["no s", "3003020101"],
    ["another type for s", "3006020101030102"],
    ["r longer than the curve", `3027022201${"00".repeat(33)}020101`],
  ])("refuses %s", (_, hex) => {
    expect(decodeEcdsaSignature("P-256", hexToBytes(hex))).toBeUndefined();
  });

  it.each(["P-256", "P-384", "P-521"] as const)("refuses r and s from the order of %s on", (curve) => {
    const { order, length } = NIST_CURVES[curve];
    const small = new Uint8Array(length).fill(1, length - 1);
    const highest = order.slice();
    highest[length - 1]! -= 1;
    const signature = (r: Uint8Array, s: Uint8Array): Uint8Array =>
      encodeEcdsaSignature(Uint8Array.of(...r, ...s));
    expect(decodeEcdsaSignature(curve, signature(highest, highest))).toEqual(
      Uint8Array.of(...highest, ...highest),
    );
    expect(decodeEcdsaSignature(curve, signature(order, small))).toBeUndefined();
    expect(decodeEcdsaSignature(curve, signature(small, order))).toBeUndefined();
  });

  it.each(["P-256", "P-384", "P-521"] as const)("agrees with OpenSSL on %s", (curve) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve });
    for (let i = 0; i < 20; i++) {
      const der = new Uint8Array(sign("sha256", Uint8Array.of(i), privateKey));
      const raw = decodeEcdsaSignature(curve, der);
      expect(raw).toBeDefined();
      expect(encodeEcdsaSignature(raw!)).toEqual(der);
    }
  });

  it("accepts no two encodings of one signature", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), (noise, framed) => {
        const der = framed ? Uint8Array.of(0x30, noise.length, ...noise) : noise;
        const raw = decodeEcdsaSignature("P-256", der);
        if (raw !== undefined) {
          expect(encodeEcdsaSignature(raw)).toEqual(der);
        }
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(), fc.nat(255), (raw, at, byte) => {
        const der = encodeEcdsaSignature(raw);
        der[at % der.length] = byte;
        const read = decodeEcdsaSignature("P-256", der);
        expect(read === undefined || bytesToHex(encodeEcdsaSignature(read)) === bytesToHex(der)).toBe(true);
      }),
    );
  });
});
