import { createHmac, hash } from "node:crypto";
import type { HashOperations, Kdf } from "@openmls-ts/hpke";
import { buildKdf } from "@openmls-ts/hpke";
import type { HashName, KdfParams } from "@openmls-ts/traits";
import { wipe } from "@openmls-ts/traits";
import { plainBytes } from "./bytes.ts";

interface NodeHash {
  /** OpenSSL's name. */
  readonly name: string;
  readonly hashLength: number;
  /** The block size B of HMAC in bytes (RFC 2104 §2). */
  readonly blockLength: number;
}

const HASHES: Readonly<Record<HashName, NodeHash>> = {
  "SHA-256": { name: "sha256", hashLength: 32, blockLength: 64 },
  "SHA-384": { name: "sha384", hashLength: 48, blockLength: 128 },
  "SHA-512": { name: "sha512", hashLength: 64, blockLength: 128 },
};

/** From this many bytes on, copying the message into HMAC's inner block costs more than an Hmac object. */
const STREAMING_LENGTH = 16_384;

/** Two one-shot hashes (RFC 2104 §2): a third of the time that creating an Hmac object takes. */
function hmac({ name, hashLength, blockLength }: NodeHash, key: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length >= STREAMING_LENGTH) {
    return plainBytes(createHmac(name, key).update(data).digest());
  }
  const shortKey = key.length > blockLength ? hash(name, key, "buffer") : key;
  const inner = new Uint8Array(blockLength + data.length).fill(0x36, 0, blockLength);
  const outer = new Uint8Array(blockLength + hashLength).fill(0x5c, 0, blockLength);
  for (let i = 0; i < shortKey.length; i++) {
    const byte = shortKey[i]!;
    inner[i]! ^= byte;
    outer[i]! ^= byte;
  }
  inner.set(data, blockLength);
  const innerHash = hash(name, inner, "buffer");
  outer.set(innerHash, blockLength);
  const mac = plainBytes(hash(name, outer, "buffer"));
  wipe(inner, outer, innerHash);
  return mac;
}

function operations(hashName: HashName): HashOperations {
  const nodeHash = HASHES[hashName];
  return {
    hash: (data) => plainBytes(hash(nodeHash.name, data, "buffer")),
    hmac: (key, data) => hmac(nodeHash, key, data),
  };
}

/** Hash, HMAC and HKDF over a hash function of OpenSSL; node:crypto has HKDF's Extract and Expand in one call only. */
export function nodeKdf(params: KdfParams, hashName: HashName): Kdf {
  return buildKdf(params, operations(hashName));
}
