import { checkStorageBatch, checkStorageKey, checkStorageTable, MlsError } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { backupIsReadOnly, isBackup, writeBackup } from "./backup.ts";
import type { WriteWhole } from "./backup.ts";
import { runOnce } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";
import { guarded } from "./errors.ts";
import { Log } from "./log.ts";
import { applyBatch, listRecords, ownBytes, readValue } from "./records.ts";
import { prepareStatements, releaseStatements } from "./statements.ts";
import type { Statements } from "./statements.ts";

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
  /**
   * Copies the database, as it is at this moment, into a new file, while others go on reading and writing; blocks this thread
   * for as long as that takes. The copy holds every live secret, nothing that was deleted, and of a passed-in database the
   * application's tables too. It is readable by its owner alone, under its name once it is whole and on the disk (in
   * React Native SQLite makes it, as it goes), and **read-only for ever**: what opens it rejects every write with
   * `ERR_MLS_RESTORED` and `details.backup`, so nobody can send from it and use keys twice.
   * @param path of a file that does not exist
   * @throws MlsError `ERR_MLS_USAGE` for another path; `ERR_MLS_STORAGE` when the file cannot be made, with nothing left of it
   */
  backup(path: string): Promise<void>;
  /** Empties the log, ends the use of this store and closes the database, unless it was passed in. Harmless when repeated. */
  close(): void;
}

/** The store on one connection whose tables are prepared. */
export class DatabaseStorage implements SqliteStorage {
  readonly name = "sqlite";
  readonly #connection: SqliteConnection;
  readonly #owned: boolean;
  readonly #statements: Statements;
  readonly #log: Log;
  readonly #writeWhole: WriteWhole | undefined;
  readonly #isBackup: boolean;
  #closed = false;

  constructor(connection: SqliteConnection, owned: boolean, writeWhole?: WriteWhole) {
    this.#connection = connection;
    this.#owned = owned;
    this.#writeWhole = writeWhole;
    this.#isBackup = guarded(() => isBackup(connection));
    this.#statements = guarded(() => prepareStatements(connection));
    this.#log = new Log(connection, this.#statements);
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
    return this.#use(({ listOwners }) =>
      listOwners.all(table, table).map(([owner]) => ownBytes(owner as Uint8Array)),
    );
  }

  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    this.#use((statements) => {
      if (this.#isBackup) {
        throw backupIsReadOnly();
      }
      this.#outsideTransaction();
      // IMMEDIATE takes the write lock before the expectations are read, so they hold until COMMIT.
      statements.begin.run();
      try {
        applyBatch(statements, batch);
        statements.commit.run();
      } catch (error) {
        rollback(this.#connection, statements);
        throw error;
      }
      this.#log.afterWrite(batch);
    });
  }

  async backup(path: string): Promise<void> {
    this.#use(() => {
      this.#outsideTransaction();
      writeBackup(this.#connection, path, this.#writeWhole);
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
      runOnce(this.#connection, "VACUUM");
      this.#log.empty();
    });
  }

  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    if (this.#connection.open) {
      // The last connection to close removes the log; where others are left, it is to be empty.
      this.#log.emptyIfFree();
      releaseStatements(this.#statements);
    }
    if (this.#owned) {
      guarded(() => this.#connection.close());
    }
  }

  /** Inside somebody else's transaction nothing would be durable when the promise resolves. */
  #outsideTransaction(): void {
    if (this.#connection.inTransaction) {
      throw new MlsError("ERR_MLS_STORAGE", "the passed-in database is inside a transaction of its owner");
    }
  }

  #use<T>(action: (statements: Statements) => T): T {
    if (this.#closed || !this.#connection.open) {
      throw new MlsError("ERR_MLS_STORAGE", "the database is closed");
    }
    return guarded(() => action(this.#statements));
  }
}

function rollback(connection: SqliteConnection, statements: Statements): void {
  // SQLite has rolled back by itself after some errors, a full disk for one.
  if (connection.inTransaction) {
    statements.rollback.run();
  }
}
