import { createECDH, diffieHellman, ECDH } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { DhGroup, NistCurve } from "@openmls-ts/hpke";
import { isNistScalar, isUncompressedPoint } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { MlsError } from "@openmls-ts/traits";
import { plainBytes } from "./bytes.ts";
import { agreeFresh, montgomeryKeyPairs, nistKeyPairs } from "./fresh-agreement.ts";
import {
  invalidKey,
  nistPrivateKey,
  nistPublicKey,
  octetPrivateKey,
  octetPublicKey,
  rawPublicKeyOf,
} from "./key-objects.ts";
import { Threads } from "./threads.ts";

/** OpenSSL's names. */
const NIST_NAMES: Readonly<Record<NistCurve, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

function agree(curve: string, privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  try {
    return plainBytes(diffieHellman({ privateKey, publicKey }));
  } catch (cause) {
    // RFC 7748 §6: OpenSSL refuses an all-zero result of X25519 and X448.
    throw new MlsError("ERR_MLS_CRYPTO", `Diffie-Hellman on ${curve} has no usable result`, { cause });
  }
}

/** The public key of a scalar of a NIST curve, uncompressed. @throws MlsError `ERR_MLS_INVALID_KEY` */
export function nistPublicKeyOf(curve: NistCurve, privateKey: Uint8Array): Uint8Array {
  if (!isNistScalar(curve, privateKey)) {
    throw invalidKey(`private key of ${curve}`);
  }
  try {
    const ecdh = createECDH(NIST_NAMES[curve]);
    ecdh.setPrivateKey(privateKey);
    return plainBytes(ecdh.getPublicKey());
  } catch (cause) {
    throw invalidKey(`private key of ${curve}`, cause);
  }
}

/** Exact length, uncompressed, on the curve. Decodes the point and no more: a quarter of what an import costs. */
export function isNistPublicKey(curve: NistCurve, publicKey: Uint8Array): boolean {
  if (!isUncompressedPoint(curve, publicKey)) {
    return false;
  }
  try {
    ECDH.convertKey(publicKey, NIST_NAMES[curve], undefined, undefined, "uncompressed");
    return true;
  } catch {
    return false;
  }
}

/** ECDH on a NIST curve in OpenSSL. */
export function nistGroup(params: DhKemParams, curve: NistCurve, mayUseThreads = false): DhGroup {
  const threads = new Threads(mayUseThreads);
  const keyPairs = nistKeyPairs(NIST_NAMES[curve]);
  return {
    params,
    publicKey: async (privateKey) => nistPublicKeyOf(curve, privateKey),
    // diffieHellman takes half the time of ECDH.computeSecret on P-384 and P-521, the imports included.
    async agree(privateKey, publicKey) {
      const peer = nistPublicKey(curve, publicKey);
      const ownPublicKey = nistPublicKeyOf(curve, privateKey);
      const secret = agree(curve, nistPrivateKey(curve, privateKey, ownPublicKey), peer);
      return { secret, publicKey: ownPublicKey };
    },
    agreeFresh: async (publicKey) => agreeFresh(curve, threads, keyPairs, nistPublicKey(curve, publicKey)),
    isValidPublicKey: async (publicKey) => isNistPublicKey(curve, publicKey),
  };
}

/** X25519 and X448 in OpenSSL. */
export function montgomeryGroup(
  params: DhKemParams,
  curve: "X25519" | "X448",
  mayUseThreads = false,
): DhGroup {
  const { privateKeyLength, publicKeyLength } = params;
  const threads = new Threads(mayUseThreads);
  const keyPairs = montgomeryKeyPairs(curve);
  return {
    params,
    publicKey: async (privateKey) => rawPublicKeyOf(octetPrivateKey(curve, privateKeyLength, privateKey)),
    async agree(privateKey, publicKey) {
      const peer = octetPublicKey(curve, publicKeyLength, publicKey);
      const key = octetPrivateKey(curve, privateKeyLength, privateKey);
      return { secret: agree(curve, key, peer), publicKey: rawPublicKeyOf(key) };
    },
    agreeFresh: async (publicKey) =>
      agreeFresh(curve, threads, keyPairs, octetPublicKey(curve, publicKeyLength, publicKey)),
    // RFC 7748 §5: every string of the right length is a u-coordinate.
    isValidPublicKey: async (publicKey) => publicKey.length === publicKeyLength,
  };
}
