import { isMlsError, MlsError } from "@openmls-ts/traits";

/** What SQLite or the file system says becomes `ERR_MLS_STORAGE`, with the original as `cause`; our own stay. */
export function storageError(error: unknown): MlsError {
  if (isMlsError(error)) {
    return error;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const why = code ?? (error instanceof Error ? error.message : "unknown error");
  return new MlsError("ERR_MLS_STORAGE", `SQLite failed: ${why}`, {
    cause: error,
    ...(code === undefined ? {} : { details: { sqliteCode: code } }),
  });
}

/** Runs `action`; see {@link storageError} for what it throws. */
export function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storageError(error);
  }
}
