import {
  bytesToKey,
  checkStorageBatch,
  checkStorageKey,
  checkStorageTable,
  compareBytes,
  equalBytes,
  MlsError,
} from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageExpectation,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { OwnerRecords } from "./owner-records.ts";

/** A {@link StorageProvider} whose whole state can be looked at. Nothing outlives the process. */
export interface MemoryStorage extends StorageProvider {
  /** Copies of all records, ordered by table, owner and id. */
  entries(): readonly StorageRecord[];
  /** An independent store with the same records, as if the process had been restarted here. */
  snapshot(): MemoryStorage;
}

/** A fresh, empty store in memory. */
export function memoryStorage(): MemoryStorage {
  return new InMemoryStorage();
}

class InMemoryStorage implements MemoryStorage {
  readonly name = "memory";
  /** Table → owner (one UTF-16 unit an octet) → records. Holds no empty maps, so that listing owners tells the truth. */
  readonly #tables = new Map<string, Map<string, OwnerRecords>>();

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    return this.#find(key)?.get(key.id)?.slice();
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    const records = this.#find(prefix);
    return records === undefined ? [] : copyRecords(prefix.table, records, prefix.id);
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    checkStorageTable(table);
    return this.#sortedOwners(table).map(({ owner }) => owner.slice());
  }

  // No `await` in here: between the first check and the last change nothing else can run.
  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    batch.expect?.forEach((expectation) => this.#judge(expectation));
    const puts = (batch.puts ?? []).map(copyRecord);
    batch.deletePrefixes?.forEach((prefix) => {
      this.#shrink(prefix, (records) => records.deletePrefix(prefix.id));
    });
    batch.deletes?.forEach((key) => {
      this.#shrink(key, (records) => records.delete(key.id));
    });
    puts.forEach((record) => this.#put(record));
  }

  entries(): readonly StorageRecord[] {
    const tables = [...this.#tables.keys()].sort();
    return tables.flatMap((table) =>
      this.#sortedOwners(table).flatMap((records) => copyRecords(table, records, new Uint8Array(0))),
    );
  }

  snapshot(): MemoryStorage {
    const copy = new InMemoryStorage();
    this.entries().forEach((record) => copy.#put(record));
    return copy;
  }

  #find(key: StorageKey | StoragePrefix): OwnerRecords | undefined {
    return this.#tables.get(key.table)?.get(bytesToKey(key.owner));
  }

  #sortedOwners(table: string): OwnerRecords[] {
    const owners = [...(this.#tables.get(table)?.values() ?? [])];
    return owners.sort((a, b) => compareBytes(a.owner, b.owner));
  }

  #judge({ key, value }: StorageExpectation): void {
    const found = this.#find(key)?.get(key.id);
    const holds = found === undefined || value === undefined ? found === value : equalBytes(found, value);
    if (!holds) {
      throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${key.table} is not as expected`);
    }
  }

  /** Keeps the record's arrays. */
  #put({ key, value }: StorageRecord): void {
    let owners = this.#tables.get(key.table);
    if (owners === undefined) {
      owners = new Map();
      this.#tables.set(key.table, owners);
    }
    const ownerKey = bytesToKey(key.owner);
    let records = owners.get(ownerKey);
    if (records === undefined) {
      records = new OwnerRecords(key.owner);
      owners.set(ownerKey, records);
    }
    records.put({ id: key.id, value });
  }

  /** Deletes through `remove`, then drops the maps that it left empty. */
  #shrink(key: StorageKey | StoragePrefix, remove: (records: OwnerRecords) => void): void {
    const owners = this.#tables.get(key.table);
    const ownerKey = bytesToKey(key.owner);
    const records = owners?.get(ownerKey);
    if (owners === undefined || records === undefined) {
      return;
    }
    remove(records);
    if (records.size === 0) {
      owners.delete(ownerKey);
    }
    if (owners.size === 0) {
      this.#tables.delete(key.table);
    }
  }
}

function copyRecords(table: string, records: OwnerRecords, prefix: Uint8Array): StorageRecord[] {
  return records.list(prefix).map(({ id, value }) => ({
    key: { table, owner: records.owner.slice(), id: id.slice() },
    value: value.slice(),
  }));
}

/** Copies through the constructor: `slice` of a Node Buffer is a view. */
function copyRecord({ key, value }: StorageRecord): StorageRecord {
  const { table, owner, id } = key;
  return {
    key: { table, owner: new Uint8Array(owner), id: new Uint8Array(id) },
    value: new Uint8Array(value),
  };
}
