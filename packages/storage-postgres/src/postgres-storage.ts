import {
  checkStorageBatch,
  checkStorageKey,
  checkStorageTable,
  compareBytes,
  MlsError,
} from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { applyBatch, prepareBatch } from "./batch.ts";
import { isConnectionLost, storageError } from "./errors.ts";
import { distinctOwners, fromHex, ownerKey, toBuffer, upperBound } from "./keys.ts";
import { locksOf } from "./locks.ts";
import type { Settings } from "./options.ts";
import { queryRows, withClient } from "./pool.ts";
import type { PostgresPool, Row } from "./pool.ts";
import { checkVersion, SCHEMA_VERSION } from "./schema.ts";
import { statementsFor } from "./statements.ts";
import type { Statements } from "./statements.ts";
import { inTransaction } from "./transaction.ts";

/** A {@link StorageProvider} on one store in a PostgreSQL database. */
export interface PostgresStorage extends StorageProvider {
  /** Ends the use of this store, and the pool unless it was passed in. Harmless when repeated. */
  close(): Promise<void>;
}

/** The store, on a pool whose database has the tables. */
export class PoolStorage implements PostgresStorage {
  readonly name = "postgres";
  readonly #pool: PostgresPool;
  readonly #owned: boolean;
  readonly #settings: Settings;
  readonly #statements: Statements;
  #closed = false;

  constructor(pool: PostgresPool, owned: boolean, settings: Settings) {
    this.#pool = pool;
    this.#owned = owned;
    this.#settings = settings;
    this.#statements = statementsFor(settings.schema);
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    const { table, owner, id } = key;
    const [row] = await this.#read(this.#statements.get, [table, ownerKey(owner), toBuffer(id)]);
    return row === undefined ? undefined : fromHex(row["value"]);
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    const { table, id } = prefix;
    const owner = new Uint8Array(prefix.owner);
    const range = [table, ownerKey(owner), toBuffer(id), upperBound(id)];
    // One SELECT sees one state of the database.
    const rows = await this.#read(this.#statements.list, range);
    return rows.map((row) => ({
      key: { table, owner: new Uint8Array(owner), id: fromHex(row["id"]) },
      value: fromHex(row["value"]),
    }));
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    checkStorageTable(table);
    const rows = await this.#read(this.#statements.listOwners, [table]);
    // Long owners come in the order of their hashes.
    return distinctOwners(rows.map((row) => fromHex(row["owner"])).sort(compareBytes));
  }

  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    const { store, schema, lockTimeout } = this.#settings;
    const prepared = prepareBatch(this.#statements, store, batch);
    const settings = {
      locks: locksOf(`${schema} ${store}`, batch),
      lockTimeout,
      // A newer release may have changed the tables since this store was opened.
      guard: `SELECT value FROM ${schema}.openmls_meta WHERE name = 'schema_version'`,
      check: (version: string | null | undefined) => checkVersion(Number(version), SCHEMA_VERSION),
    };
    await this.#use(async () =>
      inTransaction(this.#pool, settings, async (client) => applyBatch(client, prepared)),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    if (this.#owned) {
      await this.#pool.end();
    }
  }

  /** Reads in one statement; once more if the connection turned out to be dead. */
  async #read(text: string, parameters: unknown[]): Promise<Row[]> {
    const values = [this.#settings.store, ...parameters.map(copied)];
    const read = async (): Promise<Row[]> =>
      withClient(
        this.#pool,
        async (client) => queryRows(client, text, values),
        (error) => !isConnectionLost(error),
      );
    return this.#use(async () => {
      try {
        return await read();
      } catch (error) {
        if (isConnectionLost(error)) {
          return read();
        }
        throw error;
      }
    });
  }

  async #use<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new MlsError("ERR_MLS_STORAGE", "the store is closed");
    }
    try {
      return await action();
    } catch (error) {
      throw storageError(error);
    }
  }
}

/** What the caller does with their bytes while a client is waited for changes nothing. */
function copied(parameter: unknown): unknown {
  return Buffer.isBuffer(parameter) ? Buffer.from(parameter) : parameter;
}
