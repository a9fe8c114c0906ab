import { equalBytes, isBytes, MlsError, wipe } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageExpectation,
  StorageKey,
  StoragePrefix,
  StorageRecord,
} from "@openmls-ts/traits";
import type { IDBPDatabase, IDBPTransaction } from "idb";
import { failure } from "./errors.ts";
import { abort } from "./open-database.ts";
import type { IndexedDbDurability } from "./options.ts";
import { afterOwner, prefixRange, recordKey, tableRange } from "./ranges.ts";
import { RECORDS } from "./schema.ts";

/** The value of one record, or `undefined`. */
export async function readValue(database: IDBPDatabase, key: StorageKey): Promise<Uint8Array | undefined> {
  const value: unknown = await database.get(RECORDS, recordKey(key));
  return value === undefined ? undefined : soundBytes(value);
}

/** The records under a prefix; one transaction sees one state of the database. */
export async function listRecords(database: IDBPDatabase, prefix: StoragePrefix): Promise<StorageRecord[]> {
  const { store } = database.transaction(RECORDS);
  const range = prefixRange(prefix);
  const [keys, values] = await Promise.all([
    store.getAllKeys(range),
    store.getAll(range) as Promise<unknown[]>,
  ]);
  return keys.map((key, i) => {
    const [, owner, id] = key as [string, ArrayBuffer, ArrayBuffer];
    // Copies: not every IndexedDB hands out its keys as such.
    const name = { table: prefix.table, owner: bytesOf(owner), id: bytesOf(id) };
    return { key: name, value: soundBytes(values[i]) };
  });
}

/** The owners of a table's records, with one step of the cursor for each. */
export async function listOwners(database: IDBPDatabase, table: string): Promise<Uint8Array[]> {
  const owners: Uint8Array[] = [];
  let cursor = await database.transaction(RECORDS).store.openKeyCursor(tableRange(table));
  while (cursor !== null) {
    const owner = bytesOf((cursor.key as [string, ArrayBuffer])[1]);
    owners.push(owner);
    cursor = await cursor.continue(afterOwner(table, owner));
  }
  return owners;
}

/**
 * Applies a batch in one transaction, in the order that {@link StorageBatch} asks for. Nothing but requests of this
 * transaction is awaited: it would end.
 * @param batch ours alone; its values are wiped
 */
export async function applyBatch(
  database: IDBPDatabase,
  batch: Required<StorageBatch>,
  durability: IndexedDbDurability,
): Promise<void> {
  const transaction = database.transaction(RECORDS, "readwrite", { durability });
  const { store } = transaction;
  try {
    if (batch.expect.length > 0) {
      await judge(transaction, batch.expect);
    }
    await Promise.all([
      ...batch.deletePrefixes.map(async (prefix) => store.delete(prefixRange(prefix))),
      ...batch.deletes.map(async (key) => store.delete(recordKey(key))),
      ...batch.puts.map(async ({ key, value }) => store.put(value, recordKey(key))),
      transaction.done,
    ]);
  } catch (error) {
    abort(transaction);
    await transaction.done.catch(() => undefined);
    throw error;
  } finally {
    wipe(...batch.puts.map(({ value }) => value));
  }
}

/** The transaction has the lock on all records already, so what holds now holds until its end. */
async function judge(
  { store }: IDBPTransaction<unknown, [typeof RECORDS], "readwrite">,
  expectations: readonly StorageExpectation[],
): Promise<void> {
  const reads = expectations.map(async ({ key }) => store.get(recordKey(key)) as Promise<unknown>);
  const found = await Promise.all(reads);
  expectations.forEach(({ key, value }, i) => {
    const present = found[i] === undefined ? undefined : soundBytes(found[i]);
    const holds =
      present === undefined || value === undefined ? present === value : equalBytes(present, value);
    if (!holds) {
      throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${key.table} is not as expected`);
    }
  });
}

/** A copy of a batch, with everything that it may leave out. */
export function copyBatch(batch: StorageBatch): Required<StorageBatch> {
  return {
    expect: (batch.expect ?? []).map(({ key, value }) => ({
      key: copyKey(key),
      value: value === undefined ? undefined : new Uint8Array(value),
    })),
    deletePrefixes: (batch.deletePrefixes ?? []).map(copyKey),
    deletes: (batch.deletes ?? []).map(copyKey),
    puts: (batch.puts ?? []).map(({ key, value }) => ({ key: copyKey(key), value: new Uint8Array(value) })),
  };
}

/** Copies through the constructor: a view would take its whole buffer along into the database. */
export function copyKey({ table, owner, id }: StorageKey): StorageKey {
  return { table, owner: new Uint8Array(owner), id: new Uint8Array(id) };
}

function bytesOf(keyPart: ArrayBuffer): Uint8Array {
  return new Uint8Array(keyPart.slice(0));
}

function soundBytes(value: unknown): Uint8Array {
  if (!isBytes(value)) {
    throw failure("damaged");
  }
  return value;
}
