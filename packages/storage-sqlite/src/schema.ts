import { MlsError } from "@openmls-ts/traits";
import type { SqliteDatabase } from "./driver.ts";

/** The version of the tables below. A file of a newer one is refused. */
export const SCHEMA_VERSION = 1;

/** Milliseconds between two attempts to change the journal mode. */
const RETRY_INTERVAL = 5;

// The version has a table of its own because `user_version` of a passed-in database is the application's.
// BLOBs compare as unsigned octets, the shorter first, which is the order that StorageKey asks for; WITHOUT ROWID
// stores the records in it.
const CREATE = `
  CREATE TABLE IF NOT EXISTS openmls_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS openmls_records (
    "table" TEXT NOT NULL,
    owner BLOB NOT NULL,
    id BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY ("table", owner, id)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO openmls_meta (name, value) VALUES ('schema_version', ${SCHEMA_VERSION});
`;

/**
 * Makes a database fit for use: judges its version, sets up the connection, and creates the tables in a new one.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for tables this release does not know, with nothing changed
 */
export function prepareDatabase(database: SqliteDatabase): void {
  let version = readVersion(database);
  if (version === undefined) {
    configure(database);
    create(database);
    // Another process may have been first.
    version = readVersion(database);
    checkVersion(version);
  } else {
    checkVersion(version);
    configure(database);
  }
}

function create(database: SqliteDatabase): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(CREATE);
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) {
      database.exec("ROLLBACK");
    }
    throw error;
  }
}

function checkVersion(version: unknown): void {
  // Number(): a database may be set to answer integers as bigint.
  if (Number(version) !== SCHEMA_VERSION) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `the database has schema version ${String(version)}, this release reads version ${SCHEMA_VERSION}`,
    );
  }
}

/** @returns `undefined` for a database without our tables, `null` for one without our version in them */
function readVersion(database: SqliteDatabase): unknown {
  const tables = database.prepare(
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'openmls_meta'",
  );
  if (Number(tables.pluck().get()) === 0) {
    return undefined;
  }
  return (
    database.prepare("SELECT value FROM openmls_meta WHERE name = 'schema_version'").pluck().get() ?? null
  );
}

function configure(database: SqliteDatabase): void {
  useWriteAheadLog(database);
  // A commit is on the disk when COMMIT returns; NORMAL could lose the last ones with the power, and with them the
  // record that a key is used up. On macOS only fullfsync gets past the drive's cache.
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  // Deleted keys are overwritten with zeros.
  database.pragma("secure_delete = ON");
}

/** In WAL mode readers and the writer do not wait for one another. */
function useWriteAheadLog(database: SqliteDatabase): void {
  const timeout = Number(database.pragma("busy_timeout", { simple: true }));
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      // When two processes change the mode of a new file at once, SQLite fails one of them without waiting, for
      // fear of a deadlock. That one gets its turn when the other is done.
      if (!isBusy(error) || performance.now() >= deadline) {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
