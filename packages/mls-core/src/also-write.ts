import {
  checkStorageBatch,
  deepCopy,
  functionArgument,
  isMlsError,
  isReservedTable,
  listArgument,
  MlsError,
  optionsArgument,
  type StorageBatch,
  type StorageKey,
} from "@openmls-ts/traits";
import type { Batch } from "./write-batch.ts";

/**
 * Records of the application that are written in the same batch as what a call does, all or nothing: an inbox, an outbox, a
 * position in a queue. Called synchronously with what the call will return, while the group is still as it was. An
 * expectation that does not hold fails the call with `ERR_MLS_STORAGE_CONFLICT`; nothing has changed then.
 * @returns what to write and what to expect, in tables of the application's own; `undefined` for nothing
 */
export type AlsoWrite<T> = (result: T) => StorageBatch | undefined;

/** What every call takes that writes. */
export interface WriteOptions<T> {
  /** Records of the application for the same batch. */
  readonly alsoWrite?: AlsoWrite<T>;
}

/** @throws MlsError `ERR_MLS_USAGE` */
export function alsoWriteArgument<T>(alsoWrite: AlsoWrite<T> | undefined): AlsoWrite<T> | undefined {
  return alsoWrite === undefined ? undefined : functionArgument("alsoWrite", alsoWrite);
}

/** The one option of calls that have no other. @throws MlsError `ERR_MLS_USAGE` */
export function writeOptions<T>(options: WriteOptions<T> | undefined): AlsoWrite<T> | undefined {
  return alsoWriteArgument(optionsArgument<WriteOptions<T>>("options", options, ["alsoWrite"]).alsoWrite);
}

/** Adds the application's records to a batch. @throws MlsError `ERR_MLS_USAGE` for what is no batch, or in a table of ours */
export function writeAlso<T>(batch: Batch, alsoWrite: AlsoWrite<T> | undefined, result: T): void {
  if (alsoWrite === undefined) {
    return;
  }
  const made = ask(alsoWrite, result);
  const given = optionsArgument<StorageBatch>("alsoWrite", made, [
    "puts",
    "deletes",
    "deletePrefixes",
    "expect",
  ]);
  const { puts = [], deletes = [], deletePrefixes = [], expect = [] } = given;
  for (const list of [puts, deletes, deletePrefixes, expect]) {
    listArgument<unknown>("alsoWrite", list);
  }
  checkStorageBatch(given);
  [...puts, ...expect].forEach(({ key }) => ownTable(key));
  [...deletes, ...deletePrefixes].forEach(ownTable);
  deepCopy(puts).forEach((record) => batch.put(record)); // a batch wipes what it holds
  deepCopy(deletes).forEach((key) => batch.delete(key));
  deepCopy(deletePrefixes).forEach((prefix) => batch.deletePrefix(prefix));
  deepCopy(expect).forEach(({ key, value }) => batch.expect(key, value));
}

function ask<T>(alsoWrite: AlsoWrite<T>, result: T): StorageBatch | undefined {
  try {
    return alsoWrite(result);
  } catch (cause) {
    throw isMlsError(cause) ? cause : new MlsError("ERR_MLS_USAGE", "alsoWrite failed", { cause });
  }
}

function ownTable({ table }: Pick<StorageKey, "table">): void {
  if (isReservedTable(table)) {
    throw new MlsError("ERR_MLS_USAGE", `the table ${table} is the library's own: take another name`, {
      details: { argument: "alsoWrite" },
    });
  }
}
