import type { SqliteStorageOptions } from "./arguments.ts";
import { isBunSqliteDatabase, bunSqliteConnection, openBunSqlite } from "./drivers/bun-sqlite.ts";
import type { BunSqliteDatabase } from "./drivers/bun-sqlite.ts";
import { writeWhole } from "./files.ts";
import { openStorage } from "./open.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";

export type { SqliteStorageOptions } from "./arguments.ts";
export type { BunSqliteDatabase, BunSqliteStatement } from "./drivers/bun-sqlite.ts";
export type { SqliteStorage } from "./sqlite-storage.ts";

/**
 * A store in a SQLite database through `bun:sqlite`, durable against crashes and loss of power; several connections and
 * processes may use one file, but within one process through one driver only: two SQLite libraries do not see one
 * another's locks there.
 *
 * A passed-in database stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @param pathOrDatabase file to open or create (readable by its owner alone), `:memory:`, or an open `Database`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` outside Bun, `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  pathOrDatabase: string | BunSqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  return openStorage(
    {
      takes: "a path or an open Database of bun:sqlite",
      is: isBunSqliteDatabase,
      adapt: bunSqliteConnection,
      open: openBunSqlite,
      writeWhole,
    },
    pathOrDatabase,
    options,
  );
}
