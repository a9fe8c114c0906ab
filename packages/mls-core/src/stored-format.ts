import { deepCopy, MlsError } from "@openmls-ts/traits";

/** The version that a stored value begins with. */
const FORMAT = 1;

/** Puts the format version before a value. */
export function withFormat(value: Uint8Array): Uint8Array {
  const record = new Uint8Array(1 + value.length);
  record[0] = FORMAT;
  record.set(value, 1);
  return record;
}

/** The value of a record without its version, a copy. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function openRecord(record: Uint8Array): Uint8Array {
  if (record[0] !== FORMAT) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `a record of format ${String(record[0])}; this release reads ${FORMAT}`,
    );
  }
  return deepCopy(record.subarray(1));
}
