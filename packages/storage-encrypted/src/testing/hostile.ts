import { memoryStorage } from "@openmls-ts/storage-memory";
import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import type { StorageKey, StorageRecord } from "@openmls-ts/traits";
import { encryptedStorage } from "../index.ts";
import type { EncryptedStorage } from "../index.ts";
import { someBytes } from "./keys.ts";

/** A key of table `t`, owner `o` unless told otherwise. */
export function keyOf(id: string, owner = "o", table = "t"): StorageKey {
  return { table, owner: utf8(owner), id: utf8(id) };
}

export function recordOf(id: string, value: string, owner = "o", table = "t"): StorageRecord {
  return { key: keyOf(id, owner, table), value: utf8(value) };
}

/** An inner store that its keeper tampers with, and what an honest client wrote there. */
export interface Victim {
  readonly inner: MemoryStorage;
  readonly store: EncryptedStorage;
}

/** Three records of one table and owner, and one of another. */
export async function newVictim(): Promise<Victim> {
  const inner = memoryStorage();
  const store = await encryptedStorage(inner, someBytes());
  await store.write({ puts: [recordOf("a", "one"), recordOf("b", "two"), recordOf("c", "three")] });
  await store.write({ puts: [recordOf("x", "other", "p", "u")] });
  return { inner, store };
}

/** The records of a table of the inner store. */
export function recordsIn(inner: MemoryStorage, table: string): StorageRecord[] {
  return inner.entries().filter(({ key }) => key.table === table);
}

/** What one store has that another has not, or has with another value. */
export function changedSince(before: MemoryStorage, now: MemoryStorage): StorageRecord[] {
  const seen = new Set(before.entries().map((record) => JSON.stringify(record)));
  return now.entries().filter((record) => !seen.has(JSON.stringify(record)));
}

/** Puts everything back as it was in another store. */
export async function restore(inner: MemoryStorage, from: MemoryStorage): Promise<void> {
  await inner.write({ deletes: inner.entries().map(({ key }) => key), puts: from.entries() });
}
