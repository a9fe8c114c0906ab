import { generateKeyPairSync } from "node:crypto";
import { hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isEdwardsPublicKey, isStrictEdwardsPoint, isStrictEdwardsSignature } from "./edwards.ts";

const ff = (n: number): string => "ff".repeat(n);
const zeros = (n: number): string => "00".repeat(n);

const SCHEMES = [
  { scheme: "Ed25519", type: "ed25519", length: 32 },
  { scheme: "Ed448", type: "ed448", length: 57 },
] as const;

function freshKey(type: "ed25519" | "ed448"): Uint8Array {
  const { publicKey } = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ed448");
  return Uint8Array.from(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
}

describe("points of EdDSA", () => {
  it.each(SCHEMES)("$scheme: are judged without being changed, also in a Buffer", ({ scheme, length }) => {
    for (const key of [Buffer.alloc(length, 0xfe), Buffer.alloc(length, 0xff)]) {
      const before = key.toString("hex");
      isStrictEdwardsPoint(scheme, key);
      isEdwardsPublicKey(scheme, key);
      expect(key.toString("hex")).toBe(before);
    }
  });

  it.each(SCHEMES)("$scheme: takes the keys that OpenSSL makes", ({ scheme, type }) => {
    for (let i = 0; i < 10; i++) {
      const key = freshKey(type);
      expect(isStrictEdwardsPoint(scheme, key)).toBe(true);
      expect(isEdwardsPublicKey(scheme, key)).toBe(true);
    }
  });

  it.each([
    ["Ed25519", "y = 0", zeros(32)],
    ["Ed25519", "y = 0, the other sign", `${zeros(31)}80`],
    ["Ed25519", "the neutral element", `01${zeros(31)}`],
    ["Ed25519", "the neutral element with the sign of minus zero", `01${zeros(30)}80`],
    ["Ed25519", "y = -1", `ec${ff(30)}7f`],
    ["Ed25519", "y = -1 with the sign of minus zero", `ec${ff(31)}`],
    ["Ed25519", "order eight", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["Ed25519", "order eight", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"],
    [
      "Ed25519",
      "order eight, the other sign",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ],
    ["Ed25519", "y = p", `ed${ff(30)}7f`],
    ["Ed25519", "y = p + 18, the highest", `${ff(31)}7f`],
    ["Ed25519", "a byte too few", `02${zeros(30)}`],
    ["Ed25519", "a byte too many", `02${zeros(32)}`],
    ["Ed448", "y = 0", zeros(57)],
    ["Ed448", "the neutral element", `01${zeros(56)}`],
    ["Ed448", "y = -1", `fe${ff(27)}fe${ff(27)}00`],
    ["Ed448", "y = -1, the other sign", `fe${ff(27)}fe${ff(27)}80`],
    ["Ed448", "y = p", `${ff(28)}fe${ff(27)}00`],
    ["Ed448", "a bit above y", `02${zeros(55)}01`],
    ["Ed448", "a byte too few", `02${zeros(55)}`],
  ] as const)("%s: refuses %s", (scheme, _, hex) => {
    expect(isStrictEdwardsPoint(scheme, hexToBytes(hex))).toBe(false);
    expect(isEdwardsPublicKey(scheme, hexToBytes(hex))).toBe(false);
  });

  it.each(SCHEMES)("$scheme: about half of all y belong to no point", ({ scheme, length }) => {
    let points = 0;
    for (let y = 2; y < 202; y++) {
      const encoded = new Uint8Array(length);
      encoded[0] = y;
      expect(isStrictEdwardsPoint(scheme, encoded)).toBe(true);
      points += isEdwardsPublicKey(scheme, encoded) ? 1 : 0;
    }
    expect(points).toBeGreaterThan(60);
    expect(points).toBeLessThan(140);
  });

  it("knows single y on and off the curve", () => {
    const encoded = (first: number): Uint8Array => Uint8Array.of(first, ...new Uint8Array(31));
    expect([2, 3, 4, 5, 6].map((y) => isEdwardsPublicKey("Ed25519", encoded(y)))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it("leaves the keys and signatures of other schemes alone", () => {
    expect(isStrictEdwardsPoint("ECDSA-P256", new Uint8Array(3))).toBe(true);
    expect(isEdwardsPublicKey("ECDSA-P256", new Uint8Array(3))).toBe(true);
    expect(isStrictEdwardsSignature("ECDSA-P256", new Uint8Array(3))).toBe(true);
  });
});

describe("signatures of EdDSA", () => {
  const ORDERS = {
    Ed25519: "edd3f55c1a631258d69cf7a2def9de14" + zeros(15) + "10",
    Ed448: "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7c" + ff(27) + "3f00",
  };

  it.each(SCHEMES)("$scheme: S is below the order", ({ scheme, type, length }) => {
    const order = hexToBytes(ORDERS[scheme]);
    const r = freshKey(type);
    const highest = order.slice();
    highest[0]! -= 1;
    const signature = (s: Uint8Array): Uint8Array => Uint8Array.of(...r, ...s);
    expect(isStrictEdwardsSignature(scheme, signature(new Uint8Array(length)))).toBe(true);
    expect(isStrictEdwardsSignature(scheme, signature(highest))).toBe(true);
    expect(isStrictEdwardsSignature(scheme, signature(order))).toBe(false);
    expect(isStrictEdwardsSignature(scheme, signature(new Uint8Array(length).fill(0xff)))).toBe(false);
    expect(isStrictEdwardsSignature(scheme, signature(highest).subarray(1))).toBe(false);
    expect(isStrictEdwardsSignature(scheme, Uint8Array.of(...new Uint8Array(length), ...highest))).toBe(
      false,
    );
  });
});
