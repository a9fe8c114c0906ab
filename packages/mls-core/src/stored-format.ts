import { MlsError, wipe } from "@openmls-ts/traits";
import { type Codec, decode, type ReadOptions } from "./codec/index.ts";

/** The version that a stored value begins with. */
const FORMAT = 2;

/** Puts the format version before a value. */
export function withFormat(value: Uint8Array): Uint8Array {
  const record = new Uint8Array(1 + value.length);
  record[0] = FORMAT;
  record.set(value, 1);
  return record;
}

/** A stored record that is damaged, or of a format that this release does not read. */
export function unreadable(table: string, message = "cannot be read", cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_STORAGE_FORMAT", `a record of ${table}: ${message}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { table },
  });
}

/** The value of a record without its version, a copy. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function openRecord(record: Uint8Array, table?: string): Uint8Array {
  return new Uint8Array(record.subarray(bodyStart(record, table)));
}

/** Where the value of a record begins, for who reads it in place. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function bodyStart(record: Uint8Array, table = "the store"): number {
  if (record[0] !== FORMAT) {
    throw unreadable(table, `format ${String(record[0])}; this release reads ${FORMAT}`);
  }
  return 1;
}

/** Decodes a record's value. @throws MlsError `ERR_MLS_STORAGE_FORMAT`, also for damaged records */
export function decodeRecord<T>(
  codec: Codec<T>,
  record: Uint8Array,
  table: string,
  options?: ReadOptions,
): T {
  const value = openRecord(record, table);
  try {
    return decode(codec, value, options);
  } catch (cause) {
    throw unreadable(table, undefined, cause);
  } finally {
    wipe(value);
  }
}
