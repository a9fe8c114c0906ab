import { isMlsError, MlsError } from "@openmls-ts/traits";

/** Names of SQLite's primary result codes, for drivers that give numbers; the list of sqlite.org/rescode.html. */
const CODES: Readonly<Record<number, string>> = {
  1: "SQLITE_ERROR",
  3: "SQLITE_PERM",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  17: "SQLITE_SCHEMA",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  21: "SQLITE_MISUSE",
  23: "SQLITE_AUTH",
  26: "SQLITE_NOTADB",
};

/**
 * SQLite's name for an error of a driver. better-sqlite3 and Bun give it as `code`, `node:sqlite` as a number in `errcode`,
 * expo-sqlite in its message, as a number or (Android) as the character with that number.
 */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === "number") {
    // The low octet is the primary code.
    return CODES[errcode & 0xff] ?? `SQLITE_${errcode}`;
  }
  if (typeof code === "string" && code.startsWith("SQLITE_")) {
    return code;
  }
  const said = /Error code (\d+|[^\d]): /.exec(error.message)?.[1];
  if (said !== undefined) {
    return CODES[/^\d/.test(said) ? Number(said) & 0xff : said.charCodeAt(0)];
  }
  return typeof code === "string" && code.startsWith("ERR_") && !code.includes("SQLITE") ? code : undefined;
}

/** Whether another connection is in the way. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith("SQLITE_BUSY") === true;
}

/** What SQLite or the file system says becomes `ERR_MLS_STORAGE`, with the original as `cause`; our own stay. */
export function storageError(error: unknown): MlsError {
  if (isMlsError(error)) {
    return error;
  }
  const code = sqliteCode(error);
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
