import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import type { StorageProvider } from "@openmls-ts/traits";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PostgresStorage } from "../index.ts";
import { freshName, testDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

// What an application may have set for its own sake, and what this store must not be led astray by.
const UNFRIENDLY = [
  "default_transaction_isolation TO 'serializable'",
  "default_transaction_read_only TO on",
  "synchronous_commit TO off",
  "bytea_output TO 'escape'",
  "search_path TO nowhere",
  "DateStyle TO 'SQL, DMY'",
];

describe.each([
  ["with its defaults", []],
  ["with settings that do not suit", UNFRIENDLY],
])("postgresStorage on a server %s is a StorageProvider", (_, settings) => {
  let database: TestDatabase;
  const names = new Map<StorageProvider, string>();

  const open = async (name: string): Promise<PostgresStorage> => {
    const store = await database.store({ store: name });
    names.set(store, name);
    return store;
  };
  const context: StorageConformanceContext = {
    open: async () => open(freshName()),
    reopen: async (store) => {
      await (store as PostgresStorage).close();
      return open(names.get(store) ?? "");
    },
    openSecond: async (store) => open(names.get(store) ?? ""),
  };

  beforeAll(async () => {
    database = await testDatabase(settings);
  });
  afterAll(async () => database.remove());

  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
    for (const store of names.keys()) {
      await (store as PostgresStorage).close();
    }
    names.clear();
  });
});
