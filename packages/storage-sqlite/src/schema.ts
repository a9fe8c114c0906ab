import { MlsError } from "@openmls-ts/traits";
import { damaged } from "./checksum.ts";
import type { SqliteDatabase } from "./database.ts";
import { addChecksumsToRecords } from "./migrate.ts";
import { configure } from "./settings.ts";
import { verifyRecords } from "./verify.ts";

/** The version of the tables below. A file of a newer one is refused, one of an older one is brought up to it. */
export const SCHEMA_VERSION = 2;

// The version has a table of its own because `user_version` of a passed-in database is the application's.
// BLOBs compare as unsigned octets, the shorter first, which is the order that StorageKey asks for; WITHOUT ROWID
// stores the records in it. The checksum of openmls_meta is the sum over those of all records.
const CREATE = `
  CREATE TABLE openmls_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE openmls_records (
    "table" TEXT NOT NULL,
    owner BLOB NOT NULL,
    id BLOB NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY ("table", owner, id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO openmls_meta (name, value) VALUES ('schema_version', ${SCHEMA_VERSION}), ('checksum', 0);
`;

/**
 * Makes a database fit for use: judges its version, sets up the connection, creates the tables in a new one or brings
 * old ones up to date, and verifies what is there.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for tables this release does not know, with nothing changed;
 *   `ERR_MLS_STORAGE` for damaged ones
 */
export function prepareDatabase(database: SqliteDatabase): void {
  checkVersion(readVersion(database));
  configure(database);
  if (Number(readVersion(database)) !== SCHEMA_VERSION) {
    bringUpToDate(database);
  }
  verifyRecords(database);
}

function bringUpToDate(database: SqliteDatabase): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been first.
    const version = readVersion(database);
    checkVersion(version);
    if (version === undefined) {
      if (hasTable(database, "openmls_records")) {
        throw damaged("the table openmls_meta");
      }
      database.exec(CREATE);
    } else if (Number(version) === 1) {
      addChecksumsToRecords(database, SCHEMA_VERSION);
    }
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
  if (version !== undefined && !(Number(version) >= 1 && Number(version) <= SCHEMA_VERSION)) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `the database has schema version ${Number(version)}, this release reads versions 1 to ${SCHEMA_VERSION}`,
    );
  }
}

/** @returns `undefined` for a database without our tables, `null` for one without our version in them */
function readVersion(database: SqliteDatabase): unknown {
  if (!hasTable(database, "openmls_meta")) {
    return undefined;
  }
  return (
    database.prepare("SELECT value FROM openmls_meta WHERE name = 'schema_version'").pluck().get() ?? null
  );
}

function hasTable(database: SqliteDatabase, name: string): boolean {
  const count = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = ?").pluck().get(name);
  return Number(count) !== 0;
}
