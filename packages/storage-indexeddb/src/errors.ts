import { isMlsError, MlsError } from "@openmls-ts/traits";

/**
 * `details.reason` of an `ERR_MLS_STORAGE` from this package:
 *
 * - `denied` the browser gives no database here: a private window, blocked site data, a sandboxed frame
 * - `missing` there is no such database, and `create` is false
 * - `blocked` a tab with an older release keeps the database open
 * - `quota` the disk or the origin's share of it is full; nothing was written
 * - `closed` `close()` was called
 * - `deleted` the database was deleted while it was in use
 * - `upgraded` another tab has a newer release: reload the page
 * - `lost` the browser took the database away, by eviction or at the user's wish
 * - `damaged` a record is not what was written
 * - `failed` everything else; `cause` says what
 */
export type IndexedDbFailure =
  | "denied"
  | "missing"
  | "blocked"
  | "quota"
  | "closed"
  | "deleted"
  | "upgraded"
  | "lost"
  | "damaged"
  | "failed";

const TEXTS: Readonly<Record<IndexedDbFailure, string>> = {
  denied: "the browser gives no database here",
  missing: "there is no such database",
  blocked: "a tab with an older release keeps the database open",
  quota: "the disk or the share of it that this origin has is full",
  closed: "the store was closed",
  deleted: "the database was deleted",
  upgraded: "another tab has a newer release: reload this page",
  lost: "the browser took the database away",
  damaged: "a record is not what was written",
  failed: "IndexedDB failed",
};

/** The error for one reason. */
export function failure(reason: IndexedDbFailure, cause?: unknown): MlsError {
  const name = nameOf(cause);
  const why = name === undefined ? "" : `: ${name}`;
  return new MlsError("ERR_MLS_STORAGE", `${TEXTS[reason]}${why}`, {
    cause,
    details: { reason, ...(name === undefined ? {} : { domException: name }) },
  });
}

const REASONS: Readonly<Record<string, IndexedDbFailure>> = {
  QuotaExceededError: "quota",
  SecurityError: "denied",
};

/** What IndexedDB says becomes `ERR_MLS_STORAGE`, with the original as `cause`; our own stay. */
export function storageError(error: unknown): MlsError {
  return isMlsError(error) ? error : failure(REASONS[nameOf(error) ?? ""] ?? "failed", error);
}

/** The same for what opening a database says. */
export function openingError(error: unknown): MlsError {
  switch (nameOf(error)) {
    case "VersionError":
      return new MlsError("ERR_MLS_STORAGE_FORMAT", "the database was written by a newer release", {
        cause: error,
      });
    // What private windows of older browsers say.
    case "InvalidStateError":
    case "NotAllowedError":
      return failure("denied", error);
    default:
      return storageError(error);
  }
}

function nameOf(error: unknown): string | undefined {
  const name = (error as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}
