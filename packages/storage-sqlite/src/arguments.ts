import { MlsError } from "@openmls-ts/traits";
import type { SqliteDatabase } from "./database.ts";

/** How `sqliteStorage` opens its database. */
export interface SqliteStorageOptions {
  /**
   * Milliseconds a call waits, blocking the thread, while another connection writes; then it rejects with
   * `ERR_MLS_STORAGE`. Default 5000; for a passed-in database its own setting.
   */
  readonly busyTimeout?: number | undefined;
}

/**
 * Refuses arguments of `sqliteStorage` that make no sense.
 * @returns the options, none of them unknown
 * @throws MlsError `ERR_MLS_USAGE` that names the argument
 */
export function checkArguments(pathOrDatabase: unknown, options: unknown): SqliteStorageOptions {
  if (typeof pathOrDatabase === "string") {
    checkPath(pathOrDatabase);
  } else {
    checkDatabase(pathOrDatabase);
  }
  return checkOptions(options);
}

function checkPath(path: string): void {
  if (path.trim() !== path || path === "" || path.includes("\0")) {
    throw usage(
      "pathOrDatabase",
      "is a path, which is not empty and has no space at its ends and no NUL in it",
    );
  }
}

function checkDatabase(database: unknown): void {
  if (!isDatabase(database)) {
    const given =
      typeof database === "object" ? (database === null ? "null" : "another object") : typeof database;
    throw usage("pathOrDatabase", `is a path or an open Database of better-sqlite3, not ${given}`);
  }
  if (!database.open) {
    throw usage("pathOrDatabase", "is a database that is closed");
  }
  if (database.inTransaction) {
    throw usage("pathOrDatabase", "is a database inside a transaction: end it first");
  }
}

/** Looks for what is called, so that a second copy of better-sqlite3 or a wrapper will do. */
function isDatabase(value: unknown): value is SqliteDatabase {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const database = value as Readonly<Record<string, unknown>>;
  return (
    typeof database["open"] === "boolean" &&
    typeof database["inTransaction"] === "boolean" &&
    ["prepare", "exec", "pragma", "close"].every((name) => typeof database[name] === "function")
  );
}

function checkOptions(options: unknown): SqliteStorageOptions {
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
