import Database from "better-sqlite3";
import { sqliteStorage } from "../index.ts";
import type { SqliteStorage } from "../index.ts";

/** A store that waits for no disk, which is what takes the time where thousands of batches are written. */
export function fastStorage(path: string): SqliteStorage & { closeDatabase(): void } {
  const database = new Database(path);
  const storage = sqliteStorage(database);
  database.pragma("synchronous = OFF");
  return Object.assign(storage, {
    closeDatabase: () => {
      storage.close();
      database.close();
    },
  });
}
