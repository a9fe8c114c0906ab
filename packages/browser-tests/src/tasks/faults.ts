import {
  deleteIndexedDbStorage,
  type IndexedDbStorage,
  indexedDbStorage,
  requestPersistence,
} from "@openmls-ts/storage-indexeddb";
import { isMlsError, type StorageKey, utf8 } from "@openmls-ts/traits";

const held = new Map<string, IndexedDbStorage>();

/** Opens a database with one record, and keeps it open. */
export async function hold(name: string): Promise<void> {
  const store = await indexedDbStorage({ name });
  await store.write({ puts: [{ key: keyOf("a"), value: utf8("1") }] });
  held.set(name, store);
}

/** What a database that is held says to a read: `ok`, or a reason. */
export async function readHeld(name: string): Promise<string> {
  return reasonOf(async () => held.get(name)!.get(keyOf("a")));
}

export async function deleteDatabase(name: string): Promise<string> {
  return reasonOf(async () => deleteIndexedDbStorage(name));
}

/** Writes one batch of so many MiB into a database that is held. */
export async function writeMuch(order: {
  readonly name: string;
  readonly mebibytes: number;
}): Promise<string> {
  const puts = Array.from({ length: order.mebibytes }, (_, i) => ({
    key: keyOf(`large ${i}`),
    value: globalThis.crypto.getRandomValues(new Uint8Array(65536)),
  })).flatMap(({ key, value }) =>
    Array.from({ length: 16 }, (_, i) => ({ key: { ...key, owner: Uint8Array.of(i) }, value })),
  );
  return reasonOf(async () => held.get(order.name)!.write({ puts }));
}

/** Records of the table, and whether the browser says how much there is. */
export async function countHeld(name: string): Promise<number> {
  return (await held.get(name)!.listOwners("t")).length;
}

export async function persistence(): Promise<string> {
  const { persisted, quota } = await requestPersistence();
  return `${typeof persisted} ${typeof quota}`;
}

function keyOf(id: string): StorageKey {
  return { table: "t", owner: utf8("o"), id: utf8(id) };
}

async function reasonOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "ok";
  } catch (error) {
    return isMlsError(error) ? `${error.code} ${String(error.details?.reason)}` : String(error);
  }
}
