import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { DhGroup, NistCurve, SignatureScheme } from "@openmls-ts/hpke";
import { isNistScalar, isUncompressedPoint, randomNistScalar } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { MlsError, wipe } from "@openmls-ts/traits";
import { randomBytes } from "./random.ts";

const CURVES = { "P-256": p256, "P-384": p384, "P-521": p521 } as const;

/** RFC 8446 §4.2.3: DER, and no demand for a low S. The message is hashed inside with the curve's SHA-2. */
const ECDSA_OPTIONS = { format: "der", lowS: false, prehash: true } as const;

// RFC 9180 §7.1.4 and RFC 9420 §5.1.1: uncompressed, on the curve, not the point at infinity
function isPoint(curve: NistCurve, publicKey: Uint8Array): boolean {
  return isUncompressedPoint(curve, publicKey) && CURVES[curve].utils.isValidPublicKey(publicKey, false);
}

function publicKeyOf(curve: NistCurve, privateKey: Uint8Array): Uint8Array {
  requireScalar(curve, privateKey);
  return CURVES[curve].getPublicKey(privateKey, false);
}

// noble also takes P-521 scalars without their leading zero byte; the registry does not.
function requireScalar(curve: NistCurve, privateKey: Uint8Array): void {
  if (!isNistScalar(curve, privateKey)) {
    throw new MlsError("ERR_MLS_INVALID_KEY", "the private key is not a scalar in the range of the curve");
  }
}

/** ECDH on a NIST curve: the shared secret is the x-coordinate. */
export function nistGroup(params: DhKemParams, curve: NistCurve): DhGroup {
  return {
    params,
    async publicKey(privateKey) {
      return publicKeyOf(curve, privateKey);
    },
    async agree(privateKey, publicKey) {
      requireScalar(curve, privateKey);
      if (!isPoint(curve, publicKey)) {
        throw new MlsError("ERR_MLS_INVALID_KEY", "the public key is not an uncompressed point of the curve");
      }
      const point = CURVES[curve].getSharedSecret(privateKey, publicKey, true);
      const secret = point.slice(1); // after the octet that tells the parity of y
      wipe(point);
      return { secret, publicKey: publicKeyOf(curve, privateKey) };
    },
    async isValidPublicKey(publicKey) {
      return isPoint(curve, publicKey);
    },
  };
}

/** ECDSA with DER signatures. Signing is deterministic (RFC 6979). */
export function ecdsaScheme(curve: NistCurve): SignatureScheme {
  return {
    async sign(privateKey, message) {
      requireScalar(curve, privateKey);
      return CURVES[curve].sign(message, privateKey, ECDSA_OPTIONS);
    },
    async verify(publicKey, message, signature) {
      // noble's own check would let a compressed key through.
      if (!isUncompressedPoint(curve, publicKey)) {
        return false;
      }
      try {
        return CURVES[curve].verify(signature, message, publicKey, ECDSA_OPTIONS);
      } catch {
        return false;
      }
    },
    async generateKeys() {
      const privateKey = randomNistScalar(curve, randomBytes);
      return { privateKey, publicKey: publicKeyOf(curve, privateKey) };
    },
    async publicKey(privateKey) {
      return publicKeyOf(curve, privateKey);
    },
    async isValidPublicKey(publicKey) {
      return isPoint(curve, publicKey);
    },
  };
}
