import { checkStorageBatch, checkStorageKey, checkStorageTable, MlsError } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { checkArguments, type SqliteStorageOptions } from "./arguments.ts";
import { openDatabase } from "./driver.ts";
import type { SqliteDatabase } from "./database.ts";
import { guarded } from "./errors.ts";
import { Log } from "./log.ts";
import { applyBatch, listRecords, ownBytes, readValue } from "./records.ts";
import { prepareDatabase } from "./schema.ts";
import { prepareStatements } from "./statements.ts";
import type { Statements } from "./statements.ts";
import { verifyFile } from "./verify.ts";

/** A {@link StorageProvider} on one SQLite database. */
export interface SqliteStorage extends StorageProvider {
  /**
   * Moves the write-ahead log into the database and empties it. This happens by itself after a batch that deletes
   * a prefix and after every 16th other one; until then the log holds older copies of what they deleted.
   * @throws MlsError `ERR_MLS_STORAGE` while another connection is in the way
   */
  checkpoint(): Promise<void>;
  /**
   * Builds the file anew: nothing that was deleted or overwritten is left in it, and it is as small as can be. Costs as
   * much as copying the file, blocking the thread.
   * @throws MlsError `ERR_MLS_USAGE` for a passed-in database, whose owner can `VACUUM` it; `ERR_MLS_STORAGE` while
   *   another connection is in the way
   */
  compact(): Promise<void>;
  /** Empties the log, ends the use of this store and closes the database, unless it was passed in. Harmless when repeated. */
  close(): void;
}

/**
 * A store in a SQLite database, durable against crashes and loss of power; several connections and processes may
 * use one file.
 *
 * A passed-in database of better-sqlite3 stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @param pathOrDatabase file to open or create (readable by its owner alone), `:memory:`, or an open database
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` before Node.js 22.14, `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  pathOrDatabase: string | SqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  const { busyTimeout } = checkArguments(pathOrDatabase, options);
  return typeof pathOrDatabase === "string"
    ? openPath(pathOrDatabase, busyTimeout ?? 5000)
    : useDatabase(pathOrDatabase, busyTimeout);
}

function openPath(path: string, busyTimeout: number): SqliteStorage {
  const database = guarded(() => openDatabase(path, busyTimeout));
  try {
    guarded(() => {
      prepareDatabase(database);
      verifyFile(database);
    });
    return new DatabaseStorage(database, true);
  } catch (error) {
    database.close();
    throw error;
  }
}

function useDatabase(database: SqliteDatabase, busyTimeout: number | undefined): SqliteStorage {
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
  readonly #log: Log;
  #closed = false;

  constructor(database: SqliteDatabase, owned: boolean) {
    this.#database = database;
    this.#owned = owned;
    this.#statements = guarded(() => prepareStatements(database));
    this.#log = new Log(database, this.#statements);
    // A process that died leaves a log.
    this.#log.emptyIfFree();
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    return this.#use(({ get }) => readValue(get, key));
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    return this.#use((statements) => listRecords(statements, prefix));
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
      this.#log.afterWrite(batch);
    });
  }

  async checkpoint(): Promise<void> {
    this.#use(() => this.#log.empty());
  }

  async compact(): Promise<void> {
    this.#use(() => {
      if (!this.#owned) {
        throw new MlsError("ERR_MLS_USAGE", "a passed-in database is its owner's to VACUUM");
      }
      this.#database.exec("VACUUM");
      this.#log.empty();
    });
  }

  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    if (this.#database.open) {
      // The last connection to close removes the log; where others are left, it is to be empty.
      this.#log.emptyIfFree();
    }
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
