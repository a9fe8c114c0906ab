import type { SqliteStorageOptions } from "./arguments.ts";
import type { SqliteConnection } from "./connection.ts";
import { openStorage } from "./open.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";

export type { SqliteStorageOptions } from "./arguments.ts";
export type { SqliteConnection, SqliteParameter, SqliteRow, SqliteStatement } from "./connection.ts";
export type { SqliteStorage } from "./sqlite-storage.ts";

/**
 * A store in a SQLite database through any driver that can be described as a {@link SqliteConnection}. It
 * stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  connection: SqliteConnection,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  return openStorage(
    { takes: "a SqliteConnection", is: isConnection, adapt: (given) => given },
    connection,
    options,
  );
}

function isConnection(value: unknown): value is SqliteConnection {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const connection = value as Readonly<Record<string, unknown>>;
  return (
    typeof connection["open"] === "boolean" &&
    typeof connection["inTransaction"] === "boolean" &&
    ["prepare", "close"].every((name) => typeof connection[name] === "function")
  );
}
