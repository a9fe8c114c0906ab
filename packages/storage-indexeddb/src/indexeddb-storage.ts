import { checkStorageBatch, checkStorageKey, checkStorageTable } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { Connection } from "./connection.ts";
import {
  type CheckedOptions,
  checkOptions,
  type IndexedDbDurability,
  type IndexedDbStorageOptions,
} from "./options.ts";
import { applyBatch, copyBatch, copyKey, listOwners, listRecords, readValue } from "./records.ts";
import { STEPS, type UpgradeStep } from "./schema.ts";

/** A {@link StorageProvider} on one IndexedDB database. */
export interface IndexedDbStorage extends StorageProvider {
  readonly databaseName: string;
  readonly durability: IndexedDbDurability;
  /** Whether opening made the database. True where state was expected: it has been evicted or cleared. */
  readonly created: boolean;
  /** Ends the use of this store, after what has begun. Harmless when repeated. */
  close(): void;
}

/**
 * Opens a store in an IndexedDB database, in a page, a worker or a service worker. Several of them may use one database at
 * once; `groupCoordinator` has them share one state.
 *
 * When another tab deletes the database or brings it to the format of a newer release, this one lets go of it, so that
 * nobody is blocked, and rejects every call from then on. When the browser closed it, the next call opens it again; if its
 * data is gone, that call and all later ones reject with reason `lost`, and nothing new is made in its place.
 *
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` where there is no IndexedDB, or none with strict durability when that is
 *   asked for; `ERR_MLS_STORAGE_FORMAT` for a database of a newer release or of something else; `ERR_MLS_STORAGE` with
 *   an {@link IndexedDbFailure} in `details.reason`; `ERR_MLS_USAGE` for options that make no sense
 */
export async function indexedDbStorage(options: IndexedDbStorageOptions): Promise<IndexedDbStorage> {
  return openStorage(checkOptions(options), STEPS);
}

/** The same with other steps: what a newer release would do. */
export async function openStorage(
  options: CheckedOptions,
  steps: readonly UpgradeStep[],
): Promise<IndexedDbStorage> {
  return new DatabaseStorage(options, await Connection.open(options, steps));
}

class DatabaseStorage implements IndexedDbStorage {
  readonly name = "indexeddb";
  readonly databaseName: string;
  readonly durability: IndexedDbDurability;
  readonly created: boolean;
  readonly #connection: Connection;

  constructor({ name, durability }: CheckedOptions, connection: Connection) {
    this.databaseName = name;
    this.durability = durability;
    this.created = connection.created;
    this.#connection = connection;
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    const own = copyKey(key);
    return this.#connection.use(async (database) => readValue(database, own));
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    const own = copyKey(prefix);
    return this.#connection.use(async (database) => listRecords(database, own));
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    checkStorageTable(table);
    return this.#connection.use(async (database) => listOwners(database, table));
  }

  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    const own = copyBatch(batch);
    return this.#connection.use(async (database) => applyBatch(database, own, this.durability));
  }

  close(): void {
    this.#connection.close();
  }
}
