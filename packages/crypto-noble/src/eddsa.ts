import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { SignatureScheme } from "@openmls-ts/hpke";
import type { SignatureParams } from "@openmls-ts/traits";
import { concatBytes, equalBytes } from "@openmls-ts/traits";
import { randomBytes } from "./random.ts";

type Curve = typeof ed25519;
type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) {
    value = (value << 8n) | BigInt(bytes[i] ?? 0);
  }
  return value;
}

/**
 * RFC 8032 §5.1.7 leaves open whether the equation is multiplied by the cofactor. noble does, OpenSSL and the
 * browsers do not, and a signature made to tell them apart would split a group: so this is the check without it,
 * R = [S]B - [k]A, with R compared as bytes, which makes its encoding canonical too.
 */
function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { BASE, Fn } = ed25519.Point;
  const commitment = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (signature.length !== 64 || s >= Fn.ORDER) {
    return false;
  }
  const a = ed25519.Point.fromBytes(publicKey, false);
  const k = littleEndian(sha512(concatBytes(commitment, publicKey, message))) % Fn.ORDER;
  const expected = BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return !a.isSmallOrder() && equalBytes(expected.toBytes(), commitment);
}

/** RFC 8032 §5.2.7. Here OpenSSL multiplies by the cofactor, as noble does. */
function verifyEd448(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return ed448.verify(signature, message, publicKey, { zip215: false });
}

/** Pure EdDSA without context (RFC 8032 §5.1 and §5.2). */
export function eddsaScheme(params: SignatureParams, { curve, verify }: EddsaCurve): SignatureScheme {
  return {
    async sign(privateKey, message) {
      return curve.sign(message, privateKey);
    },
    async verify(publicKey, message, signature) {
      try {
        return verify(publicKey, message, signature);
      } catch {
        return false; // an encoding that is not a point
      }
    },
    async generateKeys() {
      const privateKey = randomBytes(params.privateKeyLength); // RFC 8032: any string is a seed
      return { privateKey, publicKey: curve.getPublicKey(privateKey) };
    },
    async publicKey(privateKey) {
      return curve.getPublicKey(privateKey);
    },
    async isValidPublicKey(publicKey) {
      return curve.utils.isValidPublicKey(publicKey, false);
    },
  };
}

/** A curve with the verification that all providers agree on. */
export interface EddsaCurve {
  readonly curve: Curve;
  readonly verify: Verify;
}

/** The curves by the names that the registry uses. */
export const EDWARDS_CURVES: Readonly<Record<"Ed25519" | "Ed448", EddsaCurve>> = {
  Ed25519: { curve: ed25519, verify: verifyEd25519 },
  Ed448: { curve: ed448, verify: verifyEd448 },
};
