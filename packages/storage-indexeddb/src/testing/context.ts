import type { StorageConformanceContext } from "@openmls-ts/conformance";
import { indexedDbStorage } from "../index.ts";
import type { IndexedDbDurability, IndexedDbStorage } from "../index.ts";

let count = 0;

/** A name that no call in this realm has returned before. */
export function freshName(): string {
  return `store-${Date.now()}-${Math.random()}-${count++}`;
}

/** Stores in databases of the running browser, for the conformance cases. */
export function conformanceContext(durability: IndexedDbDurability): StorageConformanceContext {
  return {
    open: async () => indexedDbStorage({ name: freshName(), durability }),
    reopen: async (store) => {
      (store as IndexedDbStorage).close();
      return indexedDbStorage({ name: nameOf(store as IndexedDbStorage), durability, create: false });
    },
    openSecond: async (store) => indexedDbStorage({ name: nameOf(store as IndexedDbStorage), durability }),
  };
}

function nameOf({ databaseName }: IndexedDbStorage): string {
  return databaseName;
}
