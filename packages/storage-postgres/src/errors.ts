import { isMlsError, MlsError } from "@openmls-ts/traits";

/** The SQLSTATE of an error that the server sent; `undefined` for every other. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { code } = error as { readonly code?: unknown };
  // Errors of sockets have codes too, such as EPIPE; only the server's have a severity beside.
  return "severity" in error && typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Whether the connection is gone: the server said so (class 08, 57P01 to 57P05, 25P03), or nothing could be asked of it. */
export function isConnectionLost(error: unknown): boolean {
  if (isMlsError(error) || error instanceof TypeError || error instanceof RangeError) {
    return false;
  }
  const state = sqlState(error);
  return state === undefined || state.startsWith("08") || /^57P0[1-5]$/.test(state) || state === "25P03";
}

/** Whether the same transaction may succeed when it is run again: a serialization failure or a deadlock. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

/**
 * What PostgreSQL or the network says becomes `ERR_MLS_STORAGE`, with the original as `cause` and in `details` its
 * `sqlState` or `connectionLost: true`; our own errors stay.
 */
export function storageError(error: unknown): MlsError {
  if (isMlsError(error)) {
    return error;
  }
  const state = sqlState(error);
  const lost = isConnectionLost(error);
  const { code } = Object(error) as { readonly code?: unknown };
  const why =
    state ?? (typeof code === "string" ? code : error instanceof Error ? error.message : "unknown error");
  return new MlsError("ERR_MLS_STORAGE", `PostgreSQL ${lost ? "cannot be reached" : "failed"}: ${why}`, {
    cause: error,
    details: {
      ...(state === undefined ? {} : { sqlState: state }),
      ...(lost ? { connectionLost: true } : {}),
    },
  });
}
