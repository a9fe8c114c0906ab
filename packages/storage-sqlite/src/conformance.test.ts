import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import type { StorageProvider } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import type { SqliteStorage } from "./index.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
const paths = new Map<StorageProvider, string>();

function open(path: string): SqliteStorage {
  const store = sqliteStorage(path);
  paths.set(store, path);
  return store;
}

function pathOf(store: StorageProvider): string {
  return paths.get(store) ?? expect.unreachable("not a store of this test");
}

const onFile: StorageConformanceContext = {
  open: async () => open(folder.file()),
  reopen: async (store) => {
    (store as SqliteStorage).close();
    return open(pathOf(store));
  },
  openSecond: async (store) => open(pathOf(store)),
};

// Integers as bigint are what an application may have set on its own database.
const passedIn: StorageConformanceContext = {
  open: async () => sqliteStorage(new Database(":memory:").defaultSafeIntegers()),
};

afterEach(() => {
  for (const store of paths.keys()) {
    (store as SqliteStorage).close();
  }
  paths.clear();
});

afterAll(() => folder.remove());

describe("sqliteStorage on a file is a StorageProvider", () => {
  it.each(storageCasesFor(onFile))("$name", async (storageCase) => {
    await expect(storageCase.run(onFile)).resolves.toBeUndefined();
  });
});

describe("sqliteStorage on a passed-in database is a StorageProvider", () => {
  it.each(storageCasesFor(passedIn))("$name", async (storageCase) => {
    await expect(storageCase.run(passedIn)).resolves.toBeUndefined();
  });
});
