import { MlsError } from "@openmls-ts/traits";
import { damaged } from "./checksum.ts";
import { readOne, runOnce } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";
import { addChecksumsToRecords } from "./migrate.ts";
import { configure } from "./settings.ts";
import { verifyRecords } from "./verify.ts";

/** The version of the tables below. A file of a newer one is refused, one of an older one is brought up to it. */
export const SCHEMA_VERSION = 2;

// The version has a table of its own because `user_version` of a passed-in database is the application's.
// BLOBs compare as unsigned octets, the shorter first, which is the order that StorageKey asks for; WITHOUT ROWID
// stores the records in it. The checksum of openmls_meta is the sum over those of all records.
const CREATE: readonly string[] = [
  `CREATE TABLE openmls_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE openmls_records (
    "table" TEXT NOT NULL,
    owner BLOB NOT NULL,
    id BLOB NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY ("table", owner, id)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO openmls_meta (name, value) VALUES ('schema_version', ${SCHEMA_VERSION}), ('checksum', 0)`,
];

/**
 * Makes a database fit for use: judges its version, sets up the connection, creates the tables in a new one or brings
 * old ones up to date, and verifies what is there.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for tables this release does not know, with nothing changed;
 *   `ERR_MLS_STORAGE` for damaged ones
 */
export function prepareDatabase(connection: SqliteConnection): void {
  checkVersion(readVersion(connection));
  configure(connection);
  if (Number(readVersion(connection)) !== SCHEMA_VERSION) {
    bringUpToDate(connection);
  }
  verifyRecords(connection);
}

function bringUpToDate(connection: SqliteConnection): void {
  runOnce(connection, "BEGIN IMMEDIATE");
  try {
    // Another process may have been first.
    const version = readVersion(connection);
    checkVersion(version);
    if (version === undefined) {
      if (hasTable(connection, "openmls_records")) {
        throw damaged("the table openmls_meta");
      }
      CREATE.forEach((sql) => runOnce(connection, sql));
    } else if (Number(version) === 1) {
      addChecksumsToRecords(connection, SCHEMA_VERSION);
    }
    runOnce(connection, "COMMIT");
  } catch (error) {
    if (connection.inTransaction) {
      runOnce(connection, "ROLLBACK");
    }
    throw error;
  }
}

function checkVersion(version: unknown): void {
  // Number(): a database may be set to answer integers as bigint.
  if (version !== undefined && !(Number(version) >= 1 && Number(version) <= SCHEMA_VERSION)) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `the database has schema version ${Number(version)}, this release reads versions 1 to ${SCHEMA_VERSION}`,
    );
  }
}

/** @returns `undefined` for a database without our tables, `null` for one without our version in them */
function readVersion(connection: SqliteConnection): unknown {
  if (!hasTable(connection, "openmls_meta")) {
    return undefined;
  }
  return readOne(connection, "SELECT value FROM openmls_meta WHERE name = 'schema_version'") ?? null;
}

function hasTable(connection: SqliteConnection, name: string): boolean {
  return Number(readOne(connection, "SELECT count(*) FROM sqlite_schema WHERE name = ?", name)) !== 0;
}
