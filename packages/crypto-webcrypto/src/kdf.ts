import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { Kdf } from "@openmls-ts/hpke";
import { buildKdf } from "@openmls-ts/hpke";
import type { HashName, KdfParams } from "@openmls-ts/traits";

const HASHES = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;

/**
 * Hash, HMAC and HKDF in JavaScript: they must answer at once, SubtleCrypto only promises to, and a call to it costs
 * more than these functions do on the short inputs of MLS.
 */
export function nobleKdf(params: KdfParams, hashName: HashName): Kdf {
  const hash = HASHES[hashName];
  return buildKdf(params, { hash: (data) => hash(data), hmac: (key, data) => hmac(hash, key, data) });
}
