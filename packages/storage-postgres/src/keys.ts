import { equalBytes } from "@openmls-ts/traits";
import type { StorageKey, StoragePrefix } from "@openmls-ts/traits";
import { createHash } from "node:crypto";

/** The longest owner that stands in the index as it is. A row of an index holds 2704 octets, ids have up to 1024. */
export const LONGEST_WHOLE_OWNER = 1024;

/** The longest id that a key can have. */
const LONGEST_ID = 1024;

/** Hexadecimal text as the bytes it stands for, in memory of their own. */
export function fromHex(hex: string | null | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(hex ?? "", "hex"));
}

/** Bytes as pg takes them, also those of another realm. Shares their memory where it can. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The owner as it stands in the primary key: itself, or for one that is too long for an index its beginning and SHA-256,
 * which is longer than every owner that stands for itself.
 */
export function ownerKey(owner: Uint8Array): Buffer {
  if (owner.length <= LONGEST_WHOLE_OWNER) {
    return toBuffer(owner);
  }
  const digest = createHash("sha256").update(toBuffer(owner)).digest();
  return Buffer.concat([toBuffer(owner.subarray(0, LONGEST_WHOLE_OWNER)), digest]);
}

/** The owner if its key does not hold the whole of it, else `null`. */
export function longOwner(owner: Uint8Array): Buffer | null {
  return owner.length <= LONGEST_WHOLE_OWNER ? null : toBuffer(owner);
}

/** The least byte string above all ids that start with `prefix`, so that an index finds them as a range. */
export function upperBound(prefix: Uint8Array): Buffer {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) {
    length--;
  }
  if (length === 0) {
    // All octets are 0xff, or there are none: what is longer than any id can be is above all of them.
    return Buffer.alloc(LONGEST_ID + 1, 0xff);
  }
  const bound = Buffer.from(prefix.subarray(0, length));
  bound[length - 1]! += 1;
  return bound;
}

/** A name that tells a key from every other. */
export function nameOf({ table, owner, id }: StorageKey | StoragePrefix): string {
  return `${table}/${toBuffer(owner).toString("hex")}/${toBuffer(id).toString("hex")}`;
}

/** The last of every run of records with one key, in any order: of two puts to one key the later wins. */
export function lastOfEach<T extends { readonly key: StorageKey }>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [nameOf(record.key), record])).values()];
}

/** Each owner once. */
export function distinctOwners(owners: readonly Uint8Array[]): Uint8Array[] {
  return owners.filter((owner, i) => i === 0 || !equalBytes(owner, owners[i - 1]!));
}
