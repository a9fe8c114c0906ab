import { MlsError } from "@openmls-ts/traits";
import { checkPath } from "./arguments.ts";
import { readOne, runOnce } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";

/** Name of the row of `openmls_meta` by which a backup is known. */
const MARK = "backup";

/** Makes a file whole or not at all, where the platform lets us: see `writeWhole`. */
export type WriteWhole = (path: string, write: (partial: string) => void) => void;

/**
 * Copies the database as it is at this moment, without what was deleted, and marks the copy as a backup.
 * @param writeWhole how files are made here; without it SQLite makes the file under its name at once
 * @throws MlsError `ERR_MLS_USAGE` for a path that is none, or of a file that exists
 */
export function writeBackup(
  connection: SqliteConnection,
  path: unknown,
  writeWhole: WriteWhole = (given, write) => write(given),
): void {
  if (typeof path !== "string" || path.startsWith("file:") || path === ":memory:") {
    throw new MlsError("ERR_MLS_USAGE", "path is the path of a new file", { details: { argument: "path" } });
  }
  checkPath(path, "path");
  writeWhole(path, (partial) => {
    // Reads one state of the database, while other connections write on.
    runOnce(connection, "VACUUM INTO ?", partial);
    runOnce(connection, "ATTACH ? AS openmls_backup", partial);
    try {
      runOnce(
        connection,
        `INSERT OR REPLACE INTO openmls_backup.openmls_meta (name, value) VALUES ('${MARK}', 1)`,
      );
    } finally {
      runOnce(connection, "DETACH openmls_backup");
    }
  });
}

/** Whether the database is a backup that somebody opened. */
export function isBackup(connection: SqliteConnection): boolean {
  return readOne(connection, `SELECT value FROM openmls_meta WHERE name = '${MARK}'`) !== undefined;
}

/** The error of a write into a backup. */
export function backupIsReadOnly(): MlsError {
  return new MlsError(
    "ERR_MLS_RESTORED",
    "this database is a backup and can only be read: who sent from an older state would use message keys twice",
    { details: { backup: true } },
  );
}
