import type { StorageKey, StoragePrefix } from "@openmls-ts/traits";

/*
 * A record's key in IndexedDB is [table, owner, id]: text, bytes, bytes. IndexedDB compares such arrays part by part, text
 * by UTF-16 units and bytes as unsigned octets with a prefix first, which is the order of StorageKey. An array is greater
 * than all bytes, so that [] ends a range.
 */

/** The key of one record. The arrays are our copies, each with a buffer of its own. */
export function recordKey({ table, owner, id }: StorageKey): IDBValidKey {
  return [table, bufferOf(owner), bufferOf(id)];
}

function bufferOf(own: Uint8Array): ArrayBuffer {
  return own.buffer as ArrayBuffer;
}

/** All records under a prefix. */
export function prefixRange({ table, owner, id }: StoragePrefix): IDBKeyRange {
  const end = [table, bufferOf(owner), prefixEnd(id) ?? []];
  return IDBKeyRange.bound(recordKey({ table, owner, id }), end, false, true);
}

/** All records of a table. */
export function tableRange(table: string): IDBKeyRange {
  return IDBKeyRange.bound([table], [table, []], false, true);
}

/** Where the records of an owner end, to go on with the next one. */
export function afterOwner(table: string, owner: Uint8Array): IDBValidKey {
  return [table, bufferOf(owner), []];
}

/** The least byte string above all that begin with the prefix; `undefined` when there is none. */
function prefixEnd(prefix: Uint8Array): ArrayBuffer | undefined {
  for (let last = prefix.length - 1; last >= 0; last--) {
    const octet = prefix[last] ?? 0;
    if (octet < 0xff) {
      const end = prefix.slice(0, last + 1);
      end[last] = octet + 1;
      return bufferOf(end);
    }
  }
  return undefined;
}
