import { type CipherSuite, concatBytes, MlsError } from "@openmls-ts/traits";
import { Reader, Writer } from "../codec/index.ts";
import type { RatchetKind } from "./ratchet-key.ts";

// The storage format, which is ours. Ids: one byte for the sort of record, then big-endian numbers.
//   0 tree node:   uint32 node                              secret[Nh]
//   1 ratchet:     uint32 leaf, uint8 kind                  uint32 generation ‖ secret[Nh], none when used up
//   2 skipped key: uint32 leaf, uint8 kind, uint32 gen.     key[Nk] ‖ nonce[Nn]
// The format version of a record is before its value, and not seen here.
const NODE = 0;
const RATCHET = 1;
const SKIPPED = 2;

/** Both ratchets, in the order of their numbers in the format. */
export const KINDS: readonly RatchetKind[] = ["handshake", "application"];

/** The last generation of a ratchet. */
export const MAX_GENERATION: number = 0xffff_ffff;

/** What an id names. */
export type RecordName =
  | { readonly sort: "node"; readonly node: number }
  | { readonly sort: "ratchet"; readonly leaf: number; readonly kind: RatchetKind }
  | {
      readonly sort: "skipped";
      readonly leaf: number;
      readonly kind: RatchetKind;
      readonly generation: number;
    };

/** The state of a ratchet: the next generation and its secret. */
export interface RatchetHead {
  readonly generation: number;
  /** Nh bytes; empty once the last generation was used. */
  readonly secret: Uint8Array;
}

/** Id of the secret of a tree node. */
export function nodeId(node: number): Uint8Array {
  const writer = new Writer(5);
  writer.uint8(NODE);
  writer.uint32(node);
  return writer.finish();
}

/** Id of the state of a ratchet. */
export function ratchetId(leaf: number, kind: RatchetKind): Uint8Array {
  const writer = new Writer(6);
  writer.uint8(RATCHET);
  writer.uint32(leaf);
  writer.uint8(KINDS.indexOf(kind));
  return writer.finish();
}

/** Id of a key kept for a message that was overtaken. */
export function skippedId(leaf: number, kind: RatchetKind, generation: number): Uint8Array {
  const writer = new Writer(10);
  writer.uint8(SKIPPED);
  writer.uint32(leaf);
  writer.uint8(KINDS.indexOf(kind));
  writer.uint32(generation);
  return writer.finish();
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function parseId(id: Uint8Array): RecordName {
  const reader = new Reader(id);
  try {
    const sort = reader.uint8();
    const index = reader.uint32();
    if (sort === NODE) {
      reader.finish();
      return { sort: "node", node: index };
    }
    const kind = KINDS[reader.uint8()];
    if (kind !== undefined && sort === RATCHET) {
      reader.finish();
      return { sort: "ratchet", leaf: index, kind };
    }
    if (kind !== undefined && sort === SKIPPED) {
      const generation = reader.uint32();
      reader.finish();
      return { sort: "skipped", leaf: index, kind, generation };
    }
  } catch (cause) {
    throw unreadable("a secret tree record of a malformed id", cause);
  }
  throw unreadable("a secret tree record of an unknown sort");
}

/** A record that this release cannot read. */
export function unreadable(message: string, cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_STORAGE_FORMAT", message, cause === undefined ? {} : { cause });
}

/** The value of a ratchet record. */
export function headValue({ generation, secret }: RatchetHead): Uint8Array {
  const writer = new Writer(4 + secret.length);
  writer.uint32(generation);
  writer.bytes(secret);
  return writer.finish();
}

/** The state in a ratchet record; the secret is a view. */
export function headOf(value: Uint8Array): RatchetHead {
  return { generation: new Reader(value).uint32(), secret: value.subarray(4) };
}

/** The value of a skipped-key record. */
export function skippedValue(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  return concatBytes(key, nonce);
}

/** The key material in a skipped-key record, copied. */
export function skippedKey(
  suite: CipherSuite,
  value: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const { keyLength } = suite.params.aead;
  return { key: value.slice(0, keyLength), nonce: value.slice(keyLength) };
}

/** Refuses a value that cannot belong to its name. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function checkValue(suite: CipherSuite, name: RecordName, value: Uint8Array): void {
  const { kdf, aead } = suite.params;
  const expected = {
    node: kdf.hashLength,
    ratchet: 4 + kdf.hashLength,
    skipped: aead.keyLength + aead.nonceLength,
  }[name.sort];
  const usedUp = name.sort === "ratchet" && value.length === 4 && headOf(value).generation === MAX_GENERATION;
  if (value.length !== expected && !usedUp) {
    throw unreadable(`a ${name.sort} record of the secret tree has ${value.length} bytes`);
  }
}
