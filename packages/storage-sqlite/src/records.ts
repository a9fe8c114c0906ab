import { equalBytes, MlsError } from "@openmls-ts/traits";
import type { StorageBatch, StorageExpectation, StorageKey, StoragePrefix } from "@openmls-ts/traits";
import type { SqliteStatement } from "./driver.ts";
import { prefixUpperBound } from "./prefix.ts";
import type { Statements } from "./statements.ts";

/** Applies a batch inside a transaction that the caller has begun. The order is the contract of {@link StorageBatch}. */
export function applyBatch(statements: Statements, batch: StorageBatch): void {
  batch.expect?.forEach((expectation) => judge(statements, expectation));
  batch.deletePrefixes?.forEach((prefix) =>
    overPrefix(prefix, statements.deleteFrom, statements.deleteRange, (statement, range) =>
      statement.run(...range),
    ),
  );
  batch.deletes?.forEach(({ table, owner, id }) => statements.delete.run(table, owner, id));
  batch.puts?.forEach(({ key, value }) => statements.put.run(key.table, key.owner, key.id, value));
}

function judge(statements: Statements, { key, value }: StorageExpectation): void {
  const found = readValue(statements.get, key);
  const holds = found === undefined || value === undefined ? found === value : equalBytes(found, value);
  if (!holds) {
    throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${key.table} is not as expected`);
  }
}

/** The value of one record, or `undefined`. */
export function readValue(get: SqliteStatement, { table, owner, id }: StorageKey): Uint8Array | undefined {
  const value = get.get(table, owner, id) as Uint8Array | undefined;
  return value === undefined ? undefined : ownBytes(value);
}

/** Runs the statement for a range with or without an end, whichever the prefix needs. */
export function overPrefix<T>(
  { table, owner, id }: StoragePrefix,
  from: SqliteStatement,
  range: SqliteStatement,
  run: (statement: SqliteStatement, parameters: unknown[]) => T,
): T {
  const below = prefixUpperBound(id);
  return below === undefined ? run(from, [table, owner, id]) : run(range, [table, owner, id, below]);
}

/** A plain array over the memory of a Buffer from SQLite, or a copy where that Buffer shares it with others. */
export function ownBytes(buffer: Uint8Array): Uint8Array {
  return buffer.length === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : new Uint8Array(buffer);
}
