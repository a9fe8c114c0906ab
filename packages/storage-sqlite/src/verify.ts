import { compareBytes } from "@openmls-ts/traits";
import { addChecksums, damaged, soundValue } from "./checksum.ts";
import type { StoredRow } from "./checksum.ts";
import type { SqliteDatabase } from "./database.ts";

/** Rows held in memory at a time. */
const CHUNK = 256;

/** All rows in the order of the primary key, some at a time. Stays within the caller's transaction. */
export function* rowsOf(database: SqliteDatabase, columns: string): Generator<StoredRow> {
  const select = `SELECT ${columns} FROM openmls_records`;
  const order = `ORDER BY "table", owner, id LIMIT ${CHUNK}`;
  const after = database.prepare(`${select} WHERE ("table", owner, id) > (?, ?, ?) ${order}`);
  let rows = database.prepare(`${select} ${order}`).all() as StoredRow[];
  while (rows.length > 0) {
    yield* rows;
    const { table, owner, id } = rows[rows.length - 1]!;
    rows = after.all(table, owner, id) as StoredRow[];
  }
}

/**
 * Compares every record with its checksum, and all of them with the sum over all: none has changed and none is missing,
 * so a read that finds nothing tells the truth. In order they are also found where they belong.
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export function verifyRecords(database: SqliteDatabase): void {
  // The rows and their sum have to be of one state: another process may be writing.
  database.exec("BEGIN");
  try {
    let sum = 0;
    let previous: StoredRow | undefined;
    for (const row of rowsOf(database, `"table", owner, id, value, checksum`)) {
      soundValue(row);
      if (previous !== undefined && !inOrder(previous, row)) {
        throw damaged(`the order of table ${String(row.table)}`);
      }
      sum = addChecksums(sum, row.checksum);
      previous = row;
    }
    if (sum !== Number(readSum(database))) {
      throw damaged("the set of records");
    }
  } finally {
    if (database.inTransaction) {
      database.exec("COMMIT");
    }
  }
}

function readSum(database: SqliteDatabase): unknown {
  return database.prepare("SELECT value FROM openmls_meta WHERE name = 'checksum'").pluck().get();
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
export function verifyFile(database: SqliteDatabase): void {
  const found = database.prepare("PRAGMA quick_check(1)").pluck().get();
  if (found !== "ok") {
    throw damaged("its structure", { cause: new Error(String(found)) });
  }
}
