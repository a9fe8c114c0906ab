import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import type { StorageProvider } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import { sqliteStorage as onNode } from "./node.ts";
import type { SqliteStorage } from "./index.ts";
import { testDrivers } from "./testing/drivers.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
const paths = new Map<StorageProvider, string>();

function pathOf(store: StorageProvider): string {
  return paths.get(store) ?? expect.unreachable("not a store of this test");
}

/** Stores of one driver on files. */
function onFiles(openFile: (path: string) => SqliteStorage): StorageConformanceContext {
  const open = (path: string): SqliteStorage => {
    const store = openFile(path);
    paths.set(store, path);
    return store;
  };
  return {
    open: async () => open(folder.file()),
    reopen: async (store) => {
      (store as SqliteStorage).close();
      const path = pathOf(store);
      paths.delete(store);
      return open(path);
    },
    openSecond: async (store) => open(pathOf(store)),
  };
}

const contexts: readonly (readonly [string, StorageConformanceContext])[] = [
  ...testDrivers.map(({ name, open }) => [`${name} on a file`, onFiles(open)] as const),
  // Integers as bigint are what an application may have set on its own database.
  [
    "a passed-in database of better-sqlite3",
    { open: async () => sqliteStorage(new Database(":memory:").defaultSafeIntegers()) },
  ],
  [
    "a passed-in database of node:sqlite",
    { open: async () => onNode(new DatabaseSync(":memory:", { readBigInts: true })) },
  ],
];

afterEach(() => {
  for (const store of paths.keys()) {
    (store as SqliteStorage).close();
  }
  paths.clear();
});

afterAll(() => folder.remove());

describe.each(contexts)("sqliteStorage on %s is a StorageProvider", (_, context) => {
  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
  });
});
