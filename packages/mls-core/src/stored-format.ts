import { MlsError, wipe } from "@openmls-ts/traits";
import { type Codec, decode, type ReadOptions } from "./codec/index.ts";
import { type Formats, FORMATS, presentFormat } from "./record-formats.ts";

/** Puts the format version of its table before a value. */
export function withFormat(value: Uint8Array, table: string): Uint8Array {
  const record = new Uint8Array(1 + value.length);
  record[0] = presentFormat(table);
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

/**
 * The value of a record without its version, a copy, in the present format whatever format it was written in.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT`
 */
export function openRecord(record: Uint8Array, table: string, formats: Formats = FORMATS): Uint8Array {
  const { oldest, steps } = formats;
  const format = record[0] ?? 0;
  const present = presentFormat(table, formats);
  if (format < oldest || format > present) {
    const readable = oldest === present ? `${present}` : `${oldest} to ${present}`;
    throw unreadable(table, `format ${String(record[0])}; this release reads ${readable}`);
  }
  let value = new Uint8Array(record.subarray(1));
  for (const step of steps) {
    if (step.table === table && step.from >= format) {
      const next = step.convert(value);
      wipe(value);
      value = new Uint8Array(next);
      wipe(next);
    }
  }
  return value;
}

/** Where the value of a record stands, for who only reads it: in the record itself where that has the present format. */
export function valueIn(
  record: Uint8Array,
  table: string,
): { readonly bytes: Uint8Array; readonly start: number } {
  return record[0] === presentFormat(table)
    ? { bytes: record, start: 1 }
    : { bytes: openRecord(record, table), start: 0 };
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
