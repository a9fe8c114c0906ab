import type { SqliteStorageOptions } from "./arguments.ts";
import { isExpoSqliteDatabase, expoSqliteConnection } from "./drivers/expo-sqlite.ts";
import type { ExpoSqliteDatabase } from "./drivers/expo-sqlite.ts";
import { openStorage } from "./open.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";

export type { SqliteStorageOptions } from "./arguments.ts";
export type { ExpoSqliteDatabase, ExpoSqliteResult, ExpoSqliteStatement } from "./drivers/expo-sqlite.ts";
export type { SqliteStorage } from "./sqlite-storage.ts";

/**
 * A store in a SQLite database through expo-sqlite, durable against crashes and loss of power; several connections and
 * processes may use one file, but within one process through one driver only: two SQLite libraries do not see one
 * another's locks there.
 *
 * A passed-in database stays the caller's, who closes it; its connection is set to `synchronous =
 * FULL`, `fullfsync = ON`, `secure_delete = ON`, `wal_autocheckpoint = 64`, `journal_size_limit = 0` and `cell_size_check = ON`,
 * and the file to `journal_mode = WAL`.
 *
 * @param database what `openDatabaseSync` gave
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a file of a newer
 *   release, `ERR_MLS_STORAGE` when the file cannot be used or is damaged, `ERR_MLS_USAGE` for arguments that make no sense
 */
export function sqliteStorage(
  database: ExpoSqliteDatabase,
  options: SqliteStorageOptions = {},
): SqliteStorage {
  return openStorage(
    { takes: "an open database of expo-sqlite", is: isExpoSqliteDatabase, adapt: expoSqliteConnection },
    database,
    options,
  );
}
