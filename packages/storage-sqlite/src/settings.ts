import { readOne } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";
import { isBusy } from "./errors.ts";

/** Milliseconds between two attempts to change the journal mode. */
const RETRY_INTERVAL = 5;

/** Pages that the write-ahead log may hold before SQLite moves them into the database. */
const LOG_PAGES = 64;

/** Sets up a connection: its commits last, and what it deletes goes. */
export function configure(connection: SqliteConnection): void {
  useWriteAheadLog(connection);
  // A commit is on the disk when COMMIT returns; NORMAL could lose the last ones with the power, and with them the
  // record that a key is used up. On macOS only fullfsync gets past the drive's cache.
  readOne(connection, "PRAGMA synchronous = FULL");
  readOne(connection, "PRAGMA fullfsync = ON");
  // Deleted keys are overwritten with zeros.
  readOne(connection, "PRAGMA secure_delete = ON");
  // Old copies stay in the log: it is kept short, and cut where SQLite begins it anew.
  readOne(connection, `PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  readOne(connection, "PRAGMA journal_size_limit = 0");
  // Cells that reach beyond their page are an error when it is read, not whatever they make of it.
  readOne(connection, "PRAGMA cell_size_check = ON");
}

/** In WAL mode readers and the writer do not wait for one another. */
function useWriteAheadLog(connection: SqliteConnection): void {
  const timeout = Number(readOne(connection, "PRAGMA busy_timeout"));
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      readOne(connection, "PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      // When two processes change the mode of a new file at once, SQLite fails one of them without waiting, for
      // fear of a deadlock. That one gets its turn when the other is done.
      if (!isBusy(error) || performance.now() >= deadline) {
        throw error;
      }
      pause(RETRY_INTERVAL);
    }
  }
}

/** Blocks the thread for some milliseconds. */
function pause(milliseconds: number): void {
  if (typeof SharedArrayBuffer === "function" && typeof Atomics === "object") {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return;
  }
  // React Native has neither.
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
