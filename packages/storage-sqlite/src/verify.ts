import { compareBytes } from "@openmls-ts/traits";
import { addChecksums, damaged, soundValue } from "./checksum.ts";
import type { StoredRow } from "./checksum.ts";
import { readOne, runOnce } from "./connection.ts";
import type { SqliteConnection, SqliteParameter, SqliteRow } from "./connection.ts";

/** Rows held in memory at a time. */
const CHUNK = 256;

/** All rows in the order of the primary key, some at a time. Stays within the caller's transaction. */
export function* rowsOf(
  connection: SqliteConnection,
  columns: readonly ["table", "owner", "id", "value", "checksum"?],
): Generator<StoredRow> {
  const select = `SELECT ${columns.map((name) => `"${name ?? ""}"`).join(", ")} FROM openmls_records`;
  const order = `ORDER BY "table", owner, id LIMIT ${CHUNK}`;
  const first = connection.prepare(`${select} ${order}`);
  const after = connection.prepare(`${select} WHERE ("table", owner, id) > (?, ?, ?) ${order}`);
  try {
    let rows = first.all();
    while (rows.length > 0) {
      yield* rows.map(storedRow);
      const names = rows[rows.length - 1]!.slice(0, 3);
      rows = after.all(...(names as SqliteParameter[]));
    }
  } finally {
    first.release();
    after.release();
  }
}

function storedRow([table, owner, id, value, checksum]: SqliteRow): StoredRow {
  return { table, owner, id, value, checksum };
}

/**
 * Compares every record with its checksum, and all of them with the sum over all: none has changed and none is missing,
 * so a read that finds nothing tells the truth. In order they are also found where they belong.
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export function verifyRecords(connection: SqliteConnection): void {
  // The rows and their sum have to be of one state: another process may be writing.
  runOnce(connection, "BEGIN");
  try {
    let sum = 0;
    let previous: StoredRow | undefined;
    for (const row of rowsOf(connection, ["table", "owner", "id", "value", "checksum"])) {
      soundValue(row);
      if (previous !== undefined && !inOrder(previous, row)) {
        throw damaged(`the order of table ${String(row.table)}`);
      }
      sum = addChecksums(sum, row.checksum);
      previous = row;
    }
    if (sum !== Number(readSum(connection))) {
      throw damaged("the set of records");
    }
  } finally {
    if (connection.inTransaction) {
      runOnce(connection, "COMMIT");
    }
  }
}

function readSum(connection: SqliteConnection): unknown {
  return readOne(connection, "SELECT value FROM openmls_meta WHERE name = 'checksum'");
}

/** Both rows are sound: their parts have the right types. */
function inOrder(a: StoredRow, b: StoredRow): boolean {
  if (a.table !== b.table) {
    return String(a.table) < String(b.table);
  }
  const owners = compareBytes(a.owner as Uint8Array, b.owner as Uint8Array);
  return owners < 0 || (owners === 0 && compareBytes(a.id as Uint8Array, b.id as Uint8Array) < 0);
}

/**
 * Lets SQLite look over the whole file: pages that two things claim, a list of free pages that names used ones.
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export function verifyFile(connection: SqliteConnection): void {
  const found = readOne(connection, "PRAGMA quick_check(1)");
  if (found !== "ok") {
    throw damaged("its structure", { cause: new Error(String(found)) });
  }
}
