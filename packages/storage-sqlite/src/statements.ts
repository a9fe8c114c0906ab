import type { SqliteConnection, SqliteStatement } from "./connection.ts";

/** Every statement the store runs, prepared once. All of them search the primary key. */
export interface Statements {
  readonly begin: SqliteStatement;
  readonly commit: SqliteStatement;
  readonly rollback: SqliteStatement;
  /** → [the sum over the checksums of all records] */
  readonly getSum: SqliteStatement;
  /** (sum) */
  readonly setSum: SqliteStatement;
  /** (table, owner, id) → [checksum] */
  readonly getChecksum: SqliteStatement;
  /** (table, owner, id) → [value, checksum] */
  readonly get: SqliteStatement;
  /** (table, owner, from) → [id, value, checksum], ascending */
  readonly listFrom: SqliteStatement;
  /** (table, owner, from, below) → [id, value, checksum], ascending */
  readonly listRange: SqliteStatement;
  /** (table, table) → [owner], ascending */
  readonly listOwners: SqliteStatement;
  /** (table, owner, id, value, checksum) */
  readonly put: SqliteStatement;
  /** (table, owner, id) → [checksum] */
  readonly delete: SqliteStatement;
  /** (table, owner, from) → [checksum] of each */
  readonly deleteFrom: SqliteStatement;
  /** (table, owner, from, below) → [checksum] of each */
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
export function prepareStatements(connection: SqliteConnection): Statements {
  return {
    begin: connection.prepare("BEGIN IMMEDIATE"),
    commit: connection.prepare("COMMIT"),
    rollback: connection.prepare("ROLLBACK"),
    getSum: connection.prepare("SELECT value FROM openmls_meta WHERE name = 'checksum'"),
    setSum: connection.prepare("UPDATE openmls_meta SET value = ? WHERE name = 'checksum'"),
    getChecksum: connection.prepare(`SELECT checksum ${OF_OWNER} AND id = ?`),
    get: connection.prepare(`SELECT value, checksum ${OF_OWNER} AND id = ?`),
    listFrom: connection.prepare(`SELECT id, value, checksum ${OF_OWNER} AND id >= ? ORDER BY id`),
    listRange: connection.prepare(
      `SELECT id, value, checksum ${OF_OWNER} AND id >= ? AND id < ? ORDER BY id`,
    ),
    listOwners: connection.prepare(LIST_OWNERS),
    put: connection.prepare(PUT),
    delete: connection.prepare(`DELETE ${OF_OWNER} AND id = ? RETURNING checksum`),
    deleteFrom: connection.prepare(`DELETE ${OF_OWNER} AND id >= ? RETURNING checksum`),
    deleteRange: connection.prepare(`DELETE ${OF_OWNER} AND id >= ? AND id < ? RETURNING checksum`),
    checkpoint: connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)"),
  };
}

/** Ends the use of all statements. */
export function releaseStatements(statements: Statements): void {
  Object.values(statements as unknown as Readonly<Record<string, SqliteStatement>>).forEach((statement) =>
    statement.release(),
  );
}
