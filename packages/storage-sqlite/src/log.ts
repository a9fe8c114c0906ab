import { MlsError } from "@openmls-ts/traits";
import type { StorageBatch } from "@openmls-ts/traits";
import { readOne } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";
import type { Statements } from "./statements.ts";

/** After so many writes the log is emptied, however little each of them changed. */
const WRITES_BETWEEN = 16;

/**
 * Keeps dead secrets from staying in the write-ahead log, which holds what pages were before: empties it after a batch
 * that deletes a range (an epoch or a group has ended), and after every few others.
 */
export class Log {
  readonly #connection: SqliteConnection;
  readonly #checkpoint: Statements["checkpoint"];
  #writes = 0;

  constructor(connection: SqliteConnection, statements: Statements) {
    this.#connection = connection;
    this.#checkpoint = statements.checkpoint;
  }

  /** Moves the log into the database and empties it. @throws MlsError `ERR_MLS_STORAGE` if somebody is in the way */
  empty(): void {
    if (!this.#tryEmpty()) {
      throw new MlsError("ERR_MLS_STORAGE", "another connection uses the write-ahead log");
    }
  }

  /** To be called after each batch, which is on the disk by now: nothing that happens here may fail it. */
  afterWrite({ deletePrefixes, deletes, puts }: StorageBatch): void {
    if ((deletePrefixes?.length ?? 0) > 0) {
      this.#writes = WRITES_BETWEEN;
    } else if ((deletes?.length ?? 0) + (puts?.length ?? 0) > 0) {
      this.#writes++;
    }
    if (this.#writes >= WRITES_BETWEEN) {
      this.emptyIfFree();
    }
  }

  /** Empties the log unless somebody is in the way; then the next write tries again. Does not wait. */
  emptyIfFree(): void {
    try {
      const timeout = Number(readOne(this.#connection, "PRAGMA busy_timeout"));
      readOne(this.#connection, "PRAGMA busy_timeout = 0");
      try {
        this.#tryEmpty();
      } finally {
        readOne(this.#connection, `PRAGMA busy_timeout = ${timeout}`);
      }
    } catch {
      // Whatever keeps the log from being written back is reported by the read or write that meets it.
    }
  }

  #tryEmpty(): boolean {
    const done = Number(this.#checkpoint.get()?.[0]) === 0;
    if (done) {
      this.#writes = 0;
    }
    return done;
  }
}
