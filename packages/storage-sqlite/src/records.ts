import { equalBytes, MlsError } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageExpectation,
  StorageKey,
  StoragePrefix,
  StorageRecord,
} from "@openmls-ts/traits";
import { addChecksums, checksumOf, soundValue } from "./checksum.ts";
import type { SqliteParameter, SqliteRow, SqliteStatement } from "./connection.ts";
import { prefixUpperBound } from "./prefix.ts";
import type { Statements } from "./statements.ts";

/** Applies a batch inside a transaction that the caller has begun. The order is the contract of {@link StorageBatch}. */
export function applyBatch(statements: Statements, batch: StorageBatch): void {
  batch.expect?.forEach((expectation) => judge(statements, expectation));
  let change = 0;
  const gone = (row: SqliteRow | undefined): void => {
    change = addChecksums(change, -Number(row?.[0] ?? 0));
  };
  batch.deletePrefixes?.forEach((prefix) =>
    overPrefix(prefix, statements.deleteFrom, statements.deleteRange, (statement, range) =>
      statement.all(...range),
    ).forEach(gone),
  );
  batch.deletes?.forEach(({ table, owner, id }) => statements.delete.all(table, owner, id).forEach(gone));
  batch.puts?.forEach(({ key: { table, owner, id }, value }) => {
    gone(statements.getChecksum.get(table, owner, id));
    // The batch has been checked: its parts have the types that records have.
    const checksum = checksumOf(table, owner, id, value) ?? 0;
    statements.put.run(table, owner, id, value, checksum);
    change = addChecksums(change, checksum);
  });
  if (change !== 0) {
    // The sum over all records tells, when the file is opened, that none is missing.
    statements.setSum.run(addChecksums(statements.getSum.get()?.[0], change));
  }
}

function judge(statements: Statements, { key, value }: StorageExpectation): void {
  const found = readValue(statements.get, key);
  const holds = found === undefined || value === undefined ? found === value : equalBytes(found, value);
  if (!holds) {
    throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${key.table} is not as expected`);
  }
}

/** The value of one record, or `undefined`. @throws MlsError `ERR_MLS_STORAGE` if it is damaged */
export function readValue(get: SqliteStatement, { table, owner, id }: StorageKey): Uint8Array | undefined {
  const row = get.get(table, owner, id);
  if (row === undefined) {
    return undefined;
  }
  const [value, checksum] = row;
  return ownBytes(soundValue({ table, owner, id, value, checksum }));
}

/** The records under a prefix. @throws MlsError `ERR_MLS_STORAGE` if one is damaged */
export function listRecords(statements: Statements, prefix: StoragePrefix): StorageRecord[] {
  const { table, owner } = prefix;
  // One SELECT sees one state of the database.
  const rows = overPrefix(prefix, statements.listFrom, statements.listRange, (statement, range) =>
    statement.all(...range),
  );
  return rows.map(([id, value, checksum]) => {
    const sound = soundValue({ table, owner, id, value, checksum });
    return {
      key: { table, owner: new Uint8Array(owner), id: ownBytes(id as Uint8Array) },
      value: ownBytes(sound),
    };
  });
}

/** Runs the statement for a range with or without an end, whichever the prefix needs. */
function overPrefix<T>(
  { table, owner, id }: StoragePrefix,
  from: SqliteStatement,
  range: SqliteStatement,
  run: (statement: SqliteStatement, parameters: SqliteParameter[]) => T,
): T {
  const below = prefixUpperBound(id);
  return below === undefined ? run(from, [table, owner, id]) : run(range, [table, owner, id, below]);
}

/** A plain array over the memory of a Buffer from SQLite, or a copy where that Buffer shares it with others. */
export function ownBytes(buffer: Uint8Array): Uint8Array {
  return buffer.length === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : new Uint8Array(buffer);
}
