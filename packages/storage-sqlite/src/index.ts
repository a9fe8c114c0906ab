import type { SqliteStorageOptions } from "./arguments.ts";
import {
  betterSqliteConnection,
  isBetterSqliteDatabase,
  openBetterSqlite,
} from "./drivers/better-sqlite3.ts";
import type { BetterSqliteDatabase } from "./drivers/better-sqlite3-shape.ts";
import { writeWhole } from "./files.ts";
import { openStorage } from "./open.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";

export type { SqliteStorageOptions } from "./arguments.ts";
export type { BetterSqliteDatabase, BetterSqliteStatement } from "./drivers/better-sqlite3-shape.ts";
export type { SqliteStorage } from "./sqlite-storage.ts";

/**
 * A store in a SQLite database through better-sqlite3, durable against crashes and loss of power; several connections and
 * processes may use one file.
 *
 * A passed-in database stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @param pathOrDatabase file to open or create (readable by its owner alone), `:memory:`, or an open `Database` of
 *   better-sqlite3
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` before Node.js 22.14 and without better-sqlite3, `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  pathOrDatabase: string | BetterSqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  return openStorage(
    {
      takes: "a path or an open Database of better-sqlite3",
      is: isBetterSqliteDatabase,
      adapt: betterSqliteConnection,
      open: openBetterSqlite,
      writeWhole,
    },
    pathOrDatabase,
    options,
  );
}
