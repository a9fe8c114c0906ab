import type { KdfParams } from "@openmls-ts/traits";
import { MlsError, wipe } from "@openmls-ts/traits";
import type { HashOperations, Kdf } from "./primitives.ts";

/** HKDF (RFC 5869) on the hash and HMAC of a backend. */
export function buildKdf(params: KdfParams, operations: HashOperations): Kdf {
  return {
    params,
    hash: (data) => operations.hash(data),
    hmac: (key, data) => operations.hmac(key, data),
    // RFC 5869 §2.2
    extract: (salt, inputKeyMaterial) => operations.hmac(salt, inputKeyMaterial),
    expand: (pseudoRandomKey, info, length) => expand(params, operations, pseudoRandomKey, info, length),
  };
}

/** RFC 5869 §2.3: T(n) = HMAC(PRK, T(n - 1) || info || n), where T(0) is empty. */
function expand(
  { hashLength }: KdfParams,
  operations: HashOperations,
  pseudoRandomKey: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > 255 * hashLength) {
    throw new MlsError("ERR_MLS_USAGE", `an expanded secret has 0 to ${255 * hashLength} bytes`);
  }
  if (length <= hashLength && length > 0) {
    return firstBlock(operations, pseudoRandomKey, info, length);
  }
  const output = new Uint8Array(length);
  const block = new Uint8Array(hashLength + info.length + 1);
  block.set(info, hashLength);
  for (let n = 1, at = 0; at < length; n++, at += hashLength) {
    block[block.length - 1] = n;
    const t = operations.hmac(pseudoRandomKey, n === 1 ? block.subarray(hashLength) : block);
    output.set(t.length > length - at ? t.subarray(0, length - at) : t, at);
    block.set(t);
    wipe(t);
  }
  wipe(block);
  return output;
}

/** T(1), or its start: all that MLS and HPKE ask for on their hot paths. */
function firstBlock(
  operations: HashOperations,
  pseudoRandomKey: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const block = new Uint8Array(info.length + 1);
  block.set(info);
  block[info.length] = 1;
  const t = operations.hmac(pseudoRandomKey, block);
  wipe(block);
  if (t.length === length) {
    return t;
  }
  const output = t.slice(0, length);
  wipe(t);
  return output;
}
