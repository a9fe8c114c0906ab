import { MlsError } from "@openmls-ts/traits";
import type { SqliteConnection } from "./connection.ts";

/** How `sqliteStorage` opens its database. */
export interface SqliteStorageOptions {
  /**
   * Milliseconds a call waits, blocking the thread, while another connection writes; then it rejects with
   * `ERR_MLS_STORAGE`. Default 5000; for a passed-in database its own setting.
   */
  readonly busyTimeout?: number | undefined;
}

/**
 * Refuses a path that SQLite would read in another way.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function checkPath(path: string, argument = "pathOrDatabase"): void {
  if (path.trim() !== path || path === "" || path.includes("\0")) {
    throw usage(argument, "is a path, which is not empty and has no space at its ends and no NUL in it");
  }
}

/**
 * The error for what is no database.
 * @param wanted what it should have been, for people
 */
export function notADatabase(given: unknown, wanted: string): MlsError {
  const found = typeof given === "object" ? (given === null ? "null" : "another object") : typeof given;
  return usage("pathOrDatabase", `is ${wanted}, not ${found}`);
}

/**
 * Refuses a passed-in database that cannot be used as it is.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function checkUsable(connection: SqliteConnection): void {
  if (!connection.open) {
    throw usage("pathOrDatabase", "is a database that is closed");
  }
  if (connection.inTransaction) {
    throw usage("pathOrDatabase", "is a database inside a transaction: end it first");
  }
}

/**
 * Refuses options that make no sense.
 * @returns them, none unknown
 * @throws MlsError `ERR_MLS_USAGE` that names the option
 */
export function checkOptions(options: unknown): SqliteStorageOptions {
  if (options === undefined) {
    return {};
  }
  if (typeof options !== "object" || options === null) {
    throw usage("options", "is an object");
  }
  const unknown = Object.keys(options).find((name) => name !== "busyTimeout");
  if (unknown !== undefined) {
    throw usage(`options.${unknown}`, "is unknown; there is busyTimeout");
  }
  const { busyTimeout } = options as { readonly busyTimeout?: unknown };
  if (busyTimeout === undefined) {
    return {};
  }
  // SQLite keeps it in 31 bits.
  if (!Number.isSafeInteger(busyTimeout) || Number(busyTimeout) < 0 || Number(busyTimeout) >= 2 ** 31) {
    throw usage("options.busyTimeout", "is a number of milliseconds, from 0 to 2147483647");
  }
  return { busyTimeout: Number(busyTimeout) };
}

function usage(argument: string, message: string): MlsError {
  return new MlsError("ERR_MLS_USAGE", `${argument} ${message}`, { details: { argument } });
}
