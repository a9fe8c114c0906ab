import { isBytes } from "./bytes.ts";
import { MlsError } from "./errors.ts";
import type { StorageBatch, StorageKey, StoragePrefix } from "./storage.ts";

/** Longest `owner` of a {@link StorageKey}, in bytes. */
export const MAX_STORAGE_OWNER_LENGTH = 65535;
/** Longest `id` of a {@link StorageKey}, in bytes. */
export const MAX_STORAGE_ID_LENGTH = 1024;

const TABLE = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * For implementers of a `StorageProvider`: refuses a table name outside the limits of {@link StorageKey}.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function checkStorageTable(table: string): void {
  if (typeof table !== "string" || !TABLE.test(table)) {
    throw new MlsError("ERR_MLS_USAGE", "a table name is 1 to 64 ASCII letters, digits, _ and -");
  }
}

/**
 * For implementers of a `StorageProvider`: refuses a key or prefix outside the limits of {@link StorageKey}.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function checkStorageKey(key: StorageKey | StoragePrefix): void {
  const given: unknown = key;
  if (typeof given !== "object" || given === null) {
    throw new MlsError("ERR_MLS_USAGE", "a storage key has table, owner and id");
  }
  checkStorageTable(key.table);
  checkPart("owner", key.owner, MAX_STORAGE_OWNER_LENGTH);
  checkPart("id", key.id, MAX_STORAGE_ID_LENGTH);
}

/**
 * For implementers of a `StorageProvider`: refuses a batch with a key outside the limits or a value that is not
 * bytes. Call it before anything is written.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function checkStorageBatch(batch: StorageBatch): void {
  batch.expect?.forEach((expectation) => {
    checkStorageKey(keyOf(expectation));
    if (expectation.value !== undefined) {
      checkValue(expectation.value);
    }
  });
  batch.deletePrefixes?.forEach(checkStorageKey);
  batch.deletes?.forEach(checkStorageKey);
  batch.puts?.forEach((record) => {
    checkStorageKey(keyOf(record));
    checkValue(record.value);
  });
}

/** The key of an entry that plain JavaScript may have made. */
function keyOf(entry: { readonly key: StorageKey }): StorageKey {
  return (entry as { readonly key: StorageKey } | null | undefined)?.key as StorageKey;
}

function checkPart(name: string, part: Uint8Array, longest: number): void {
  if (!isBytes(part) || part.length > longest) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      `the ${name} of a storage key is a Uint8Array of at most ${longest} bytes`,
    );
  }
}

function checkValue(value: Uint8Array): void {
  if (!isBytes(value)) {
    throw new MlsError("ERR_MLS_USAGE", "a stored value is a Uint8Array");
  }
}
