import { isBytes, MlsError, utf8 } from "@openmls-ts/traits";
import { crc32 } from "./crc32.ts";

/** A row of `openmls_records` as it was read: whatever a damaged file may make of it. */
export interface StoredRow {
  readonly table: unknown;
  readonly owner: unknown;
  readonly id: unknown;
  readonly value: unknown;
  readonly checksum: unknown;
}

/**
 * CRC-32 over all of a record, as the signed 32-bit integer that its column holds: against damage, not against people.
 * @returns `undefined` if a part has a type that no record has
 */
export function checksumOf(table: unknown, owner: unknown, id: unknown, value: unknown): number | undefined {
  if (typeof table !== "string" || !isBytes(owner) || !isBytes(id) || !isBytes(value)) {
    return undefined;
  }
  // The lengths keep what ends one part from beginning the next.
  let sum = crc32(utf8(table)) ^ ((owner.length << 16) | id.length);
  for (const part of [owner, id, value]) {
    sum = crc32(part, sum);
  }
  return sum;
}

/** The sum that a record adds to the one over all records, which is in `openmls_meta`. */
export function addChecksums(a: unknown, b: unknown): number {
  return (Number(a) + Number(b)) | 0;
}

/**
 * The value of a row, if the row is as it was written.
 * @throws MlsError `ERR_MLS_STORAGE` that names the table
 */
export function soundValue({ table, owner, id, value, checksum }: StoredRow): Uint8Array {
  // Number(): a database may be set to answer integers as bigint.
  if (checksumOf(table, owner, id, value) !== Number(checksum)) {
    throw typeof table === "string" ? damaged(`a record of table ${table}`, { table }) : damaged("a record");
  }
  return value as Uint8Array;
}

/** The database is not what was written into it. */
export function damaged(
  what: string,
  { table, cause }: { readonly table?: string; readonly cause?: unknown } = {},
): MlsError {
  return new MlsError("ERR_MLS_STORAGE", `the database is damaged: ${what} is not as it was written`, {
    cause,
    details: { damaged: true, ...(table === undefined ? {} : { table }) },
  });
}
