import { isMlsError, type MlsErrorCode } from "@openmls-ts/traits";

/** Failures of the store, and of nothing else: what was to be done is done again later. */
const OF_THE_STORE: readonly MlsErrorCode[] = ["ERR_MLS_STORAGE", "ERR_MLS_STORAGE_CONFLICT"];

export function isStorageFailure(error: unknown): boolean {
  return isMlsError(error) && OF_THE_STORE.includes(error.code);
}

/** Why a message of somebody else was not taken in: the code of the error. Anything but an MlsError is a fault of ours. */
export function reasonOf(error: unknown): string {
  if (isMlsError(error) && !isStorageFailure(error)) {
    return error.rule === undefined ? error.code : `${error.code} ${error.rule}`;
  }
  throw error;
}
