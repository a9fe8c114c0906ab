import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { concatBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encodePkcs8, encodePkcs8WithPublicKey, encodeSpki } from "./key-encoding.ts";

const OCTET_CURVES = ["x25519", "x448", "ed25519", "ed448"] as const;
const NAMES = { x25519: "X25519", x448: "X448", ed25519: "Ed25519", ed448: "Ed448" } as const;
const NIST_CURVES = ["P-256", "P-384", "P-521"] as const;

function bytes(base64Url: string | undefined): Uint8Array {
  return Uint8Array.from(Buffer.from(base64Url ?? "", "base64url"));
}

function exported(key: KeyObject): { readonly jwk: JsonWebKey; readonly der: Uint8Array } {
  const der = key.export({
    format: "der",
    type: key.type === "private" ? "pkcs8" : "spki",
  } as never) as never;
  return { jwk: key.export({ format: "jwk" }), der: Uint8Array.from(der) };
}

describe("DER around raw keys", () => {
  it.each(OCTET_CURVES)("is what OpenSSL writes for %s", (type) => {
    const pair = generateKeyPairSync(type as "x25519");
    const [publicKey, privateKey] = [exported(pair.publicKey), exported(pair.privateKey)];
    expect(encodeSpki(NAMES[type], bytes(publicKey.jwk.x))).toEqual(publicKey.der);
    expect(encodePkcs8(NAMES[type], bytes(privateKey.jwk.d))).toEqual(privateKey.der);
  });

  it.each(NIST_CURVES)("is what OpenSSL writes for %s", (curve) => {
    const pair = generateKeyPairSync("ec", { namedCurve: curve });
    const [publicKey, privateKey] = [exported(pair.publicKey), exported(pair.privateKey)];
    const point = concatBytes(Uint8Array.of(4), bytes(publicKey.jwk.x), bytes(publicKey.jwk.y));
    const scalar = bytes(privateKey.jwk.d);
    expect(encodeSpki(curve, point)).toEqual(publicKey.der);
    expect(encodePkcs8WithPublicKey(curve, scalar, point)).toEqual(privateKey.der);
    // Without the public key, the reader computes it.
    const read = createPrivateKey({
      key: Buffer.from(encodePkcs8(curve, scalar)),
      format: "der",
      type: "pkcs8",
    });
    expect(createPublicKey(read).equals(pair.publicKey)).toBe(true);
  });
});
