import type { SqliteDatabase, SqliteStatement } from "./database.ts";

/** Every statement the store runs, prepared once. All of them search the primary key. */
export interface Statements {
  readonly begin: SqliteStatement;
  readonly commit: SqliteStatement;
  readonly rollback: SqliteStatement;
  /** → the sum over the checksums of all records */
  readonly getSum: SqliteStatement;
  /** (sum) */
  readonly setSum: SqliteStatement;
  /** (table, owner, id) → checksum */
  readonly getChecksum: SqliteStatement;
  /** (table, owner, id) → [value, checksum] */
  readonly get: SqliteStatement;
  /** (table, owner, from) → [id, value, checksum], ascending */
  readonly listFrom: SqliteStatement;
  /** (table, owner, from, below) → [id, value, checksum], ascending */
  readonly listRange: SqliteStatement;
  /** (table, table) → owner, ascending */
  readonly listOwners: SqliteStatement;
  /** (table, owner, id, value, checksum) */
  readonly put: SqliteStatement;
  /** (table, owner, id) → checksum */
  readonly delete: SqliteStatement;
  /** (table, owner, from) → checksum of each */
  readonly deleteFrom: SqliteStatement;
  /** (table, owner, from, below) → checksum of each */
  readonly deleteRange: SqliteStatement;
  /** → [busy, frames in the log, frames written back] */
  readonly checkpoint: SqliteStatement;
}

const OF_OWNER = `FROM openmls_records WHERE "table" = ? AND owner = ?`;

// One search per owner, however many records each has; SELECT DISTINCT would walk over all of them.
const LIST_OWNERS = `
  WITH RECURSIVE owners (owner) AS (
    SELECT min(owner) FROM openmls_records WHERE "table" = ?
    UNION ALL
    SELECT (SELECT min(r.owner) FROM openmls_records AS r WHERE r."table" = ? AND r.owner > owners.owner)
    FROM owners WHERE owners.owner IS NOT NULL
  )
  SELECT owner FROM owners WHERE owner IS NOT NULL ORDER BY owner`;

const PUT = `
  INSERT INTO openmls_records ("table", owner, id, value, checksum) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, checksum = excluded.checksum`;

/** Prepares all statements; the tables must exist. */
export function prepareStatements(database: SqliteDatabase): Statements {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    getSum: database.prepare("SELECT value FROM openmls_meta WHERE name = 'checksum'").pluck(),
    setSum: database.prepare("UPDATE openmls_meta SET value = ? WHERE name = 'checksum'"),
    getChecksum: database.prepare(`SELECT checksum ${OF_OWNER} AND id = ?`).pluck(),
    get: database.prepare(`SELECT value, checksum ${OF_OWNER} AND id = ?`).raw(),
    listFrom: database.prepare(`SELECT id, value, checksum ${OF_OWNER} AND id >= ? ORDER BY id`).raw(),
    listRange: database
      .prepare(`SELECT id, value, checksum ${OF_OWNER} AND id >= ? AND id < ? ORDER BY id`)
      .raw(),
    listOwners: database.prepare(LIST_OWNERS).pluck(),
    put: database.prepare(PUT),
    delete: database.prepare(`DELETE ${OF_OWNER} AND id = ? RETURNING checksum`).pluck(),
    deleteFrom: database.prepare(`DELETE ${OF_OWNER} AND id >= ? RETURNING checksum`).pluck(),
    deleteRange: database.prepare(`DELETE ${OF_OWNER} AND id >= ? AND id < ? RETURNING checksum`).pluck(),
    checkpoint: database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").raw(),
  };
}
