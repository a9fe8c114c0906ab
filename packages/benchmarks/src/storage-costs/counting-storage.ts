import type { StorageKey, StorageProvider, StorageRecord } from "@openmls-ts/traits";

/** What was asked of a store. Bytes are those of names and values. */
export interface StorageCost {
  /** Calls of `write`. */
  readonly batches: number;
  /** Calls of `get`, `list` and `listOwners`. */
  readonly reads: number;
  readonly recordsWritten: number;
  readonly bytesWritten: number;
  /** Records and prefixes that were to be deleted. */
  readonly deletes: number;
  /** Records that a write expected something of. */
  readonly expectations: number;
  readonly recordsRead: number;
  readonly bytesRead: number;
}

/** A store that counts. */
export interface CountingStorage extends StorageProvider {
  /** What has been asked since the last call. */
  take(): StorageCost;
}

/** Counts what is asked of `inner`; a failed call counts as well. */
export function countingStorage(inner: StorageProvider): CountingStorage {
  let cost = nothing();
  return {
    name: `counting ${inner.name}`,
    get: async (key) => {
      const value = await inner.get(key);
      cost.reads++;
      if (value !== undefined) {
        cost.recordsRead++;
        cost.bytesRead += lengthOf(key) + value.length;
      }
      return value;
    },
    list: async (prefix) => {
      const records = await inner.list(prefix);
      cost.reads++;
      cost.recordsRead += records.length;
      cost.bytesRead += bytesOf(records);
      return records;
    },
    listOwners: async (table) => {
      const owners = await inner.listOwners(table);
      cost.reads++;
      cost.bytesRead += owners.reduce((sum, owner) => sum + owner.length, 0);
      return owners;
    },
    write: async (batch) => {
      const { puts = [], deletes = [], deletePrefixes = [], expect = [] } = batch;
      cost.batches++;
      cost.recordsWritten += puts.length;
      cost.bytesWritten += bytesOf(puts);
      cost.deletes += deletes.length + deletePrefixes.length;
      cost.expectations += expect.length;
      await inner.write(batch);
    },
    take: () => {
      const taken = cost;
      cost = nothing();
      return taken;
    },
  };
}

function nothing(): { -readonly [name in keyof StorageCost]: number } {
  return {
    batches: 0,
    reads: 0,
    recordsWritten: 0,
    bytesWritten: 0,
    deletes: 0,
    expectations: 0,
    recordsRead: 0,
    bytesRead: 0,
  };
}

function lengthOf({ table, owner, id }: StorageKey): number {
  return table.length + owner.length + id.length;
}

function bytesOf(records: readonly StorageRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + lengthOf(key) + value.length, 0);
}
