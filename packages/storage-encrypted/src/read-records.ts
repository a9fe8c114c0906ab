import { bytesToKey, compareBytes, concatBytes, equalBytes, isBytes, wipe } from "@openmls-ts/traits";
import type { StorageProvider, StorageRecord } from "@openmls-ts/traits";
import { addTo, type DataKey, NAME_LENGTH, nonceOf } from "./data-key.ts";
import { storeFault } from "./errors.ts";
import { bytesField, FieldReader } from "./fields.ts";
import { allRecords, recordKey, recordPlace } from "./layout.ts";
import { keyOf, noSum } from "./state.ts";
import type { Partition, StoreState } from "./state.ts";

/** A record with its names as the application knows it. The bytes belong to whoever asked for it. */
export interface OpenedRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
  readonly nonce: Uint8Array;
}

/** What is sealed of a record. */
export function encodeRecord(id: Uint8Array, value: Uint8Array): Uint8Array {
  return concatBytes(bytesField(id), value);
}

function openRecord(key: DataKey, place: Uint8Array, stored: Uint8Array): OpenedRecord | undefined {
  const plaintext = isBytes(stored) ? key.open(place, stored) : undefined;
  if (plaintext === undefined) {
    return undefined;
  }
  const reader = new FieldReader(plaintext, "a record");
  const record = { id: reader.bytes(), value: reader.rest(), nonce: nonceOf(stored) };
  wipe(plaintext);
  return record;
}

/** One record of a partition whose ids are known, the very writing of it that belongs to the state. */
export async function readRecord(
  inner: StorageProvider,
  state: StoreState,
  partition: Partition,
  id: Uint8Array,
): Promise<OpenedRecord | undefined> {
  const nonce = partition.ids?.get(bytesToKey(id));
  if (nonce === undefined) {
    return undefined; // the partition's sum vouches for it
  }
  const key = keyOf(state.keys, partition.keyId);
  const name = key.recordName(partition.name, id);
  const stored = await inner.get(recordKey(partition.name, name));
  if (stored === undefined) {
    throw storeFault("missing", "a record is gone", partition.table);
  }
  const record = openRecord(key, recordPlace(partition.name, name), stored);
  if (record === undefined) {
    throw storeFault("damaged", "a record does not open", partition.table);
  }
  if (!equalBytes(record.nonce, nonce)) {
    wipe(record.value);
    throw storeFault("replayed", "a record is of another time", partition.table);
  }
  return record;
}

/** All records of a partition in the order of their ids; none is missing, and none is of another time. */
export async function readPartition(
  inner: StorageProvider,
  state: StoreState,
  partition: Partition,
): Promise<OpenedRecord[]> {
  const key = keyOf(state.keys, partition.keyId);
  const sum = noSum();
  const records: OpenedRecord[] = [];
  try {
    for (const stored of await inner.list(allRecords(partition.name))) {
      const place = placeOf(partition, stored);
      const record = place === undefined ? undefined : openRecord(key, place, stored.value);
      if (place === undefined || record === undefined) {
        throw storeFault("damaged", "a record does not open", partition.table);
      }
      records.push(record);
      addTo(sum, key.summand(place, record.nonce));
    }
    if (records.length < partition.count) {
      throw storeFault("missing", "records are gone", partition.table);
    }
    if (records.length > partition.count || !equalBytes(sum, partition.sum)) {
      throw storeFault("replayed", "records are of another time", partition.table);
    }
  } catch (error) {
    wipeValues(records);
    throw error;
  }
  partition.ids ??= new Map(records.map(({ id, nonce }) => [bytesToKey(id), nonce]));
  return records.sort((a, b) => compareBytes(a.id, b.id));
}

function placeOf(partition: Partition, { key }: StorageRecord): Uint8Array | undefined {
  return isBytes(key.id) && key.id.length === NAME_LENGTH ? recordPlace(partition.name, key.id) : undefined;
}

/** Erases values that nobody is to have. One by one: there may be more than a call takes arguments. */
export function wipeValues(records: readonly { readonly value?: Uint8Array | undefined }[] = []): void {
  records.forEach(({ value }) => wipe(value));
}

/** Sees to it that the ids of a partition are known. */
export async function learnIds(
  inner: StorageProvider,
  state: StoreState,
  partition: Partition,
): Promise<void> {
  if (partition.ids === undefined) {
    wipeValues(await readPartition(inner, state, partition));
  }
}
