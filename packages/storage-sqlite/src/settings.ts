import type { SqliteDatabase } from "./database.ts";

/** Milliseconds between two attempts to change the journal mode. */
const RETRY_INTERVAL = 5;

/** Pages that the write-ahead log may hold before SQLite moves them into the database. */
const LOG_PAGES = 64;

/** Sets up a connection: its commits last, and what it deletes goes. */
export function configure(database: SqliteDatabase): void {
  useWriteAheadLog(database);
  // A commit is on the disk when COMMIT returns; NORMAL could lose the last ones with the power, and with them the
  // record that a key is used up. On macOS only fullfsync gets past the drive's cache.
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  // Deleted keys are overwritten with zeros.
  database.pragma("secure_delete = ON");
  // Old copies stay in the log: it is kept short, and cut where SQLite begins it anew.
  database.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  database.pragma("journal_size_limit = 0");
  // Cells that reach beyond their page are an error when it is read, not whatever they make of it.
  database.pragma("cell_size_check = ON");
}

/** In WAL mode readers and the writer do not wait for one another. */
function useWriteAheadLog(database: SqliteDatabase): void {
  const timeout = Number(database.pragma("busy_timeout", { simple: true }));
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      // When two processes change the mode of a new file at once, SQLite fails one of them without waiting, for
      // fear of a deadlock. That one gets its turn when the other is done.
      if (!isBusy(error) || performance.now() >= deadline) {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
