import { concatBytes, utf8 } from "@openmls-ts/traits";
import type { StorageKey, StoragePrefix } from "@openmls-ts/traits";

/*
 * Where things are in the inner store:
 *
 *   encrypted       –          header   the data keys, sealed by the application's key
 *   encrypted       –          head     version, sum over all partitions, hash of the header
 *   encrypted_part  –          name     one table and owner: their names, the number of records, the sum over them
 *   encrypted_data  partition  name     one record: its id and value
 */

const NONE: Uint8Array = new Uint8Array(0);

function own(id: string): StorageKey {
  return { table: "encrypted", owner: NONE, id: utf8(id) };
}

export const headerKey = (): StorageKey => own("header");
export const headKey = (): StorageKey => own("head");
export const partitionKey = (name: Uint8Array): StorageKey => ({
  table: "encrypted_part",
  owner: NONE,
  id: name,
});
export const allPartitions = (): StoragePrefix => partitionKey(NONE);
export const recordKey = (partition: Uint8Array, name: Uint8Array): StorageKey => ({
  table: "encrypted_data",
  owner: partition,
  id: name,
});
export const allRecords = (partition: Uint8Array): StoragePrefix => recordKey(partition, NONE);
export const dataTable = "encrypted_data";

// What a sealed record is bound to. No two kinds have the same length.
export const headPlace = (): Uint8Array => utf8("head");
export const partitionPlace = (name: Uint8Array): Uint8Array => concatBytes(utf8("part"), name);
export const recordPlace = (partition: Uint8Array, name: Uint8Array): Uint8Array =>
  concatBytes(utf8("data"), partition, name);
