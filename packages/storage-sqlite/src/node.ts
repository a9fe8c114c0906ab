import type { SqliteStorageOptions } from "./arguments.ts";
import { isNodeSqliteDatabase, nodeSqliteConnection, openNodeSqlite } from "./drivers/node-sqlite.ts";
import type { NodeSqliteDatabase } from "./drivers/node-sqlite.ts";
import { writeWhole } from "./files.ts";
import { openStorage } from "./open.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";

export type { SqliteStorageOptions } from "./arguments.ts";
export type { NodeSqliteDatabase, NodeSqliteStatement } from "./drivers/node-sqlite.ts";
export type { SqliteStorage } from "./sqlite-storage.ts";

/**
 * A store in a SQLite database through `node:sqlite`, durable against crashes and loss of power; several connections and
 * processes may use one file, but within one process through one driver only: two SQLite libraries do not see one
 * another's locks there.
 *
 * A passed-in database stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @param pathOrDatabase file to open or create (readable by its owner alone), `:memory:`, or an open `DatabaseSync`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` before Node.js 22.16, `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  pathOrDatabase: string | NodeSqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  return openStorage(
    {
      takes: "a path or an open DatabaseSync of node:sqlite",
      is: isNodeSqliteDatabase,
      adapt: nodeSqliteConnection,
      open: openNodeSqlite,
      writeWhole,
    },
    pathOrDatabase,
    options,
  );
}
