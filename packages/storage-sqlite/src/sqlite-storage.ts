import { checkStorageBatch, checkStorageKey, checkStorageTable, MlsError } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { openDatabase } from "./driver.ts";
import type { SqliteDatabase } from "./driver.ts";
import { guarded } from "./errors.ts";
import { applyBatch, overPrefix, ownBytes, readValue } from "./records.ts";
import { prepareDatabase } from "./schema.ts";
import { prepareStatements } from "./statements.ts";
import type { Statements } from "./statements.ts";

/** How {@link sqliteStorage} opens its database. */
export interface SqliteStorageOptions {
  /**
   * Milliseconds a call waits, blocking the thread, while another connection writes; then it rejects with
   * `ERR_MLS_STORAGE`. Default 5000; for a passed-in database its own setting.
   */
  readonly busyTimeout?: number;
}

/** A {@link StorageProvider} on one SQLite database. */
export interface SqliteStorage extends StorageProvider {
  /**
   * Moves the write-ahead log into the database and empties it. Deleted records are zeroed in the database at once,
   * but older copies stay in the log until it is written over; this shortens that time.
   * @throws MlsError `ERR_MLS_STORAGE` while another connection is in the way
   */
  checkpoint(): Promise<void>;
  /** Ends the use of this store and closes the database, unless it was passed in. Harmless when repeated. */
  close(): void;
}

/**
 * A store in a SQLite database, durable against crashes and loss of power; several connections and processes may
 * use one file.
 *
 * A passed-in database of better-sqlite3 stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON` and `secure_delete = ON`, and the file to `journal_mode = WAL`.
 *
 * @param pathOrDatabase file to open or create (readable by its owner alone), `:memory:`, or an open database
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` before Node.js 22.14, `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  pathOrDatabase: string | SqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  const { busyTimeout } = options;
  if (
    busyTimeout !== undefined &&
    !(Number.isSafeInteger(busyTimeout) && busyTimeout >= 0 && busyTimeout < 2 ** 31)
  ) {
    throw new MlsError("ERR_MLS_USAGE", "busyTimeout is a number of milliseconds");
  }
  return typeof pathOrDatabase === "string"
    ? openPath(pathOrDatabase, busyTimeout ?? 5000)
    : useDatabase(pathOrDatabase, busyTimeout);
}

function openPath(path: string, busyTimeout: number): SqliteStorage {
  if (path.trim() !== path || path === "") {
    throw new MlsError("ERR_MLS_USAGE", "the path of a database is not empty and has no space at its ends");
  }
  const database = guarded(() => openDatabase(path, busyTimeout));
  try {
    // Sorting and the like must not spill keys into temporary files.
    guarded(() => database.pragma("temp_store = MEMORY"));
    guarded(() => prepareDatabase(database));
    return new DatabaseStorage(database, true);
  } catch (error) {
    database.close();
    throw error;
  }
}

function useDatabase(database: SqliteDatabase, busyTimeout: number | undefined): SqliteStorage {
  if (!database.open || database.inTransaction) {
    throw new MlsError("ERR_MLS_USAGE", "the passed-in database must be open and not inside a transaction");
  }
  return guarded(() => {
    if (busyTimeout !== undefined) {
      database.pragma(`busy_timeout = ${busyTimeout}`);
    }
    prepareDatabase(database);
    return new DatabaseStorage(database, false);
  });
}

class DatabaseStorage implements SqliteStorage {
  readonly name = "sqlite";
  readonly #database: SqliteDatabase;
  readonly #owned: boolean;
  readonly #statements: Statements;
  #closed = false;

  constructor(database: SqliteDatabase, owned: boolean) {
    this.#database = database;
    this.#owned = owned;
    this.#statements = guarded(() => prepareStatements(database));
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    return this.#use(({ get }) => readValue(get, key));
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    const { table, owner } = prefix;
    return this.#use(({ listFrom, listRange }) => {
      // One SELECT sees one state of the database.
      const rows = overPrefix(prefix, listFrom, listRange, (statement, range) => statement.all(...range));
      return (rows as [Uint8Array, Uint8Array][]).map(([id, value]) => ({
        key: { table, owner: new Uint8Array(owner), id: ownBytes(id) },
        value: ownBytes(value),
      }));
    });
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    checkStorageTable(table);
    return this.#use(({ listOwners }) => (listOwners.all(table, table) as Uint8Array[]).map(ownBytes));
  }

  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    this.#use((statements) => {
      if (this.#database.inTransaction) {
        // Inside somebody else's transaction nothing would be durable when the promise resolves.
        throw new MlsError("ERR_MLS_STORAGE", "the passed-in database is inside a transaction of its owner");
      }
      // IMMEDIATE takes the write lock before the expectations are read, so they hold until COMMIT.
      statements.begin.run();
      try {
        applyBatch(statements, batch);
        statements.commit.run();
      } catch (error) {
        rollback(this.#database, statements);
        throw error;
      }
    });
  }

  async checkpoint(): Promise<void> {
    this.#use(({ checkpoint }) => {
      const [busy] = checkpoint.get() as [number | bigint];
      if (Number(busy) !== 0) {
        throw new MlsError("ERR_MLS_STORAGE", "another connection uses the write-ahead log");
      }
    });
  }

  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    if (this.#owned) {
      guarded(() => this.#database.close());
    }
  }

  #use<T>(action: (statements: Statements) => T): T {
    if (this.#closed || !this.#database.open) {
      throw new MlsError("ERR_MLS_STORAGE", "the database is closed");
    }
    return guarded(() => action(this.#statements));
  }
}

function rollback(database: SqliteDatabase, statements: Statements): void {
  // SQLite has rolled back by itself after some errors, a full disk for one.
  if (database.inTransaction) {
    statements.rollback.run();
  }
}
