import { checkOptions, checkPath, checkUsable, notADatabase } from "./arguments.ts";
import type { SqliteStorageOptions } from "./arguments.ts";
import type { WriteWhole } from "./backup.ts";
import { readOne } from "./connection.ts";
import type { SqliteConnection } from "./connection.ts";
import { guarded } from "./errors.ts";
import { prepareDatabase } from "./schema.ts";
import { DatabaseStorage } from "./sqlite-storage.ts";
import type { SqliteStorage } from "./sqlite-storage.ts";
import { verifyFile } from "./verify.ts";

/** Milliseconds to wait for another writer, unless told otherwise. */
const BUSY_TIMEOUT = 5000;

/** How one driver comes to a connection. */
export interface Driver<Database> {
  /** What may be passed in, for people. */
  readonly takes: string;
  is(value: unknown): value is Database;
  adapt(database: Database): SqliteConnection;
  /** Opens a file; absent where only an open database can be passed in. */
  open?(path: string, busyTimeout: number): SqliteConnection;
  /** How backups are made; absent where the runtime has no file system to call. */
  readonly writeWhole?: WriteWhole;
}

/**
 * What every entry's `sqliteStorage` does, with its driver.
 * @throws MlsError as described there
 */
export function openStorage<Database>(
  driver: Driver<Database>,
  pathOrDatabase: unknown,
  options: SqliteStorageOptions | undefined,
): SqliteStorage {
  if (typeof pathOrDatabase === "string" && driver.open !== undefined) {
    checkPath(pathOrDatabase);
    const { busyTimeout = BUSY_TIMEOUT } = checkOptions(options);
    const open = driver.open.bind(driver);
    return owning(
      guarded(() => open(pathOrDatabase, busyTimeout)),
      busyTimeout,
      driver.writeWhole,
    );
  }
  if (!driver.is(pathOrDatabase)) {
    throw notADatabase(pathOrDatabase, driver.takes);
  }
  const connection = driver.adapt(pathOrDatabase);
  guarded(() => checkUsable(connection));
  return using(connection, checkOptions(options).busyTimeout, driver.writeWhole);
}

/** A store on a connection that nobody else has. */
function owning(connection: SqliteConnection, busyTimeout: number, writeWhole?: WriteWhole): SqliteStorage {
  try {
    guarded(() => {
      readOne(connection, `PRAGMA busy_timeout = ${busyTimeout}`);
      // Sorting, and undoing half a statement, must not spill keys into temporary files.
      readOne(connection, "PRAGMA temp_store = MEMORY");
      prepareDatabase(connection);
      verifyFile(connection);
    });
    return new DatabaseStorage(connection, true, writeWhole);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function using(connection: SqliteConnection, busyTimeout?: number, writeWhole?: WriteWhole): SqliteStorage {
  return guarded(() => {
    if (busyTimeout !== undefined) {
      readOne(connection, `PRAGMA busy_timeout = ${busyTimeout}`);
    }
    prepareDatabase(connection);
    return new DatabaseStorage(connection, false, writeWhole);
  });
}
