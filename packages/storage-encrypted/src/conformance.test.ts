import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import type { SqliteStorage } from "@openmls-ts/storage-sqlite";
import type { StorageProvider } from "@openmls-ts/traits";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encryptedStorage } from "./index.ts";
import type { StoreKey } from "./index.ts";
import { someBytes, someCryptoKey, somePassphrase } from "./testing/keys.ts";

const folder = mkdtempSync(join(tmpdir(), "openmls-encrypted-"));
const files = new Map<StorageProvider, { readonly path: string; readonly database: SqliteStorage }>();
let count = 0;

function inMemory(key: StoreKey): StorageConformanceContext {
  const inners = new Map<StorageProvider, StorageProvider>();
  const open = async (inner: StorageProvider): Promise<StorageProvider> => {
    const store = await encryptedStorage(inner, key);
    inners.set(store, inner);
    return store;
  };
  return {
    open: async () => open(memoryStorage()),
    reopen: async (store) => open(inners.get(store)!),
    openSecond: async (store) => open(inners.get(store)!),
  };
}

function onSqlite(key: StoreKey): StorageConformanceContext {
  const open = async (path: string): Promise<StorageProvider> => {
    const database = sqliteStorage(path);
    const store = await encryptedStorage(database, key);
    files.set(store, { path, database });
    return store;
  };
  return {
    open: async () => open(join(folder, `${count++}.db`)),
    reopen: async (store) => {
      const { path, database } = files.get(store)!;
      database.close();
      return open(path);
    },
    openSecond: async (store) => open(files.get(store)!.path),
  };
}

afterAll(() => {
  files.forEach(({ database }) => database.close());
  rmSync(folder, { recursive: true });
});

const cryptoKey = await someCryptoKey();

describe.each([
  ["memory, with bytes", inMemory(someBytes())],
  ["memory, with a passphrase", inMemory(somePassphrase())],
  ["memory, with a CryptoKey", inMemory(cryptoKey)],
  ["SQLite, with a passphrase", onSqlite(somePassphrase())],
  ["SQLite, with a CryptoKey", onSqlite(cryptoKey)],
])("encryptedStorage over %s is a StorageProvider", (_, context) => {
  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
  });
});
