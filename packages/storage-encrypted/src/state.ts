import { bytesToKey, concatBytes, utf8 } from "@openmls-ts/traits";
import type { DataKey } from "./data-key.ts";
import { storeFault } from "./errors.ts";
import { bytesField, FieldReader, numberField } from "./fields.ts";

/** Length of a sum and of a hash, in bytes. */
const SUM_LENGTH = 32;

/** What the record `head` says. */
export interface Head {
  /** Raised by every write. */
  readonly version: bigint;
  /** Over the nonces of all partitions' records. */
  readonly sum: Uint8Array;
  readonly headerHash: Uint8Array;
}

/** What the record of a partition says. */
export interface PartitionHead {
  readonly table: string;
  readonly owner: Uint8Array;
  /** Number of records, not 0. */
  readonly count: number;
  /** Over the nonces of its records. */
  readonly sum: Uint8Array;
}

/** All records of one table and owner. */
export interface Partition extends PartitionHead {
  /** Its hidden name. */
  readonly name: Uint8Array;
  /** The number of the key that all of it is under. */
  readonly keyId: number;
  /** Of the record of the partition. */
  readonly nonce: Uint8Array;
  /** The nonces of its records by their ids; unknown until the partition is read for the first time. */
  ids: Map<string, Uint8Array> | undefined;
}

/** What is known of the store. All of it is authentic, and of one version. */
export interface StoreState extends Head {
  /** The record `head` as it is stored: whatever is written expects it. */
  readonly stored: Uint8Array;
  /** The number of the newest key. */
  readonly keyId: number;
  /** More than one while keys are being replaced. */
  readonly keys: ReadonlyMap<number, DataKey>;
  /** By table and owner, see {@link partitionId}. */
  readonly partitions: ReadonlyMap<string, Partition>;
}

/** The name of a partition in a map. */
export function partitionId(table: string, owner: Uint8Array): string {
  return `${table}/${bytesToKey(owner)}`;
}

/** A sum over nothing. */
export function noSum(): Uint8Array {
  return new Uint8Array(SUM_LENGTH);
}

/** A key that the header is known to have. */
export function keyOf(keys: ReadonlyMap<number, DataKey>, id: number): DataKey {
  const key = keys.get(id);
  if (key === undefined) {
    throw storeFault("damaged", "a record is under a key that the header lacks");
  }
  return key;
}

export function encodeHead({ version, sum, headerHash }: Head): Uint8Array {
  return concatBytes(numberField(version, 8), sum, headerHash);
}

export function decodeHead(bytes: Uint8Array): Head {
  const reader = new FieldReader(bytes, "the head");
  const head = {
    version: reader.bigint(8),
    sum: reader.take(SUM_LENGTH),
    headerHash: reader.take(SUM_LENGTH),
  };
  reader.end();
  return head;
}

export function encodePartition({ table, owner, count, sum }: PartitionHead): Uint8Array {
  return concatBytes(bytesField(utf8(table)), bytesField(owner), numberField(count, 6), sum);
}

export function decodePartition(bytes: Uint8Array): PartitionHead {
  const reader = new FieldReader(bytes, "a partition");
  const table = bytesToKey(reader.bytes());
  const partition = { table, owner: reader.bytes(), count: reader.number(6), sum: reader.take(SUM_LENGTH) };
  reader.end();
  return partition;
}
