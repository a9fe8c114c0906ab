import { x25519 } from "@noble/curves/ed25519.js";
import { x448 } from "@noble/curves/ed448.js";
import type { DhGroup } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { MlsError } from "@openmls-ts/traits";

type Curve = typeof x25519;

function requireLength(key: Uint8Array, length: number): void {
  if (key.length !== length) {
    throw new MlsError("ERR_MLS_INVALID_KEY", `the key has ${key.length} bytes instead of ${length}`);
  }
}

/** X25519 and X448 (RFC 7748): every string of the right length is a key. */
export function montgomeryGroup(params: DhKemParams, curve: Curve): DhGroup {
  return {
    params,
    async publicKey(privateKey) {
      requireLength(privateKey, params.privateKeyLength);
      return curve.getPublicKey(privateKey);
    },
    async agree(privateKey, publicKey) {
      requireLength(privateKey, params.privateKeyLength);
      requireLength(publicKey, params.publicKeyLength);
      try {
        const secret = curve.getSharedSecret(privateKey, publicKey);
        return { secret, publicKey: curve.getPublicKey(privateKey) };
      } catch (cause) {
        // With the lengths right, noble refuses the points of low order only. RFC 9180 §7.1.4
        throw new MlsError("ERR_MLS_CRYPTO", "the Diffie-Hellman result is all zero", { cause });
      }
    },
    async isValidPublicKey(publicKey) {
      return publicKey.length === params.publicKeyLength;
    },
  };
}

/** The curves by the names that the registry uses. */
export const MONTGOMERY_CURVES: Readonly<Record<"X25519" | "X448", Curve>> = { X25519: x25519, X448: x448 };
