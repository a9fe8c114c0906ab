import { isMlsError, MlsError } from "@openmls-ts/traits";

/**
 * What is wrong with a store, as `details.reason` of an `ERR_MLS_STORAGE`:
 * - `damaged` a record is not what was sealed for its place: changed, cut short, swapped with another, or a stranger
 * - `missing` a record that must be there is gone
 * - `replayed` a record is an older one of the same name
 * - `rolled-back` the whole store is older than what this handle has seen or was told to expect
 */
export type StoreFault = "damaged" | "missing" | "replayed" | "rolled-back";

/** A fault of the inner store. @param what for people; @param table of the record, where it is known */
export function storeFault(reason: StoreFault, what: string, table?: string): MlsError {
  return new MlsError("ERR_MLS_STORAGE", `the encrypted store is ${reason}: ${what}`, {
    details: table === undefined ? { reason } : { reason, table },
  });
}

/** Whether an error says that the inner store is not as it should be, as {@link storeFault} does. */
export function isStoreFault(error: unknown): error is MlsError {
  return isMlsError(error, "ERR_MLS_STORAGE") && error.details?.["reason"] !== undefined;
}

/** The key does not open the store. Says the same for every cause. */
export function wrongKey(): MlsError {
  return new MlsError("ERR_MLS_DECRYPTION", "the key does not open this store");
}

/** What an inner store throws that is no `MlsError` becomes one. */
export function innerError(error: unknown): MlsError {
  return isMlsError(error)
    ? error
    : new MlsError("ERR_MLS_STORAGE", "the inner store failed", { cause: error });
}
