import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { Kdf } from "@openmls-ts/hpke";
import type { HashName, KdfParams } from "@openmls-ts/traits";
import { MlsError, wipe } from "@openmls-ts/traits";

const HASHES = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;

/** Hash, HMAC (RFC 2104) and HKDF (RFC 5869) over one of the SHA-2 functions. */
export function nobleKdf(params: KdfParams, hashName: HashName): Kdf {
  const hash = HASHES[hashName];
  return {
    params,
    hash: (data) => hash(data),
    hmac: (key, data) => hmac(hash, key, data),
    extract: (salt, inputKeyMaterial) => extract(hash, inputKeyMaterial, salt),
    expand(pseudoRandomKey, info, length) {
      if (length > 255 * params.hashLength) {
        throw new MlsError("ERR_MLS_USAGE", "more bytes than HKDF-Expand can give");
      }
      if (pseudoRandomKey.length >= params.hashLength) {
        return expand(hash, pseudoRandomKey, info, length);
      }
      // noble insists on Nh bytes. HMAC pads keys with zeros anyway, so this is the same key to it.
      const padded = new Uint8Array(params.hashLength);
      padded.set(pseudoRandomKey);
      const output = expand(hash, padded, info, length);
      wipe(padded);
      return output;
    },
  };
}
