import Database from "better-sqlite3";
import { DatabaseSync } from "node:sqlite";
import { sqliteStorage as onBetter } from "../index.ts";
import type { SqliteStorage, SqliteStorageOptions } from "../index.ts";
import { sqliteStorage as onExpo } from "../expo.ts";
import { sqliteStorage as onNode } from "../node.ts";
import { expoDatabase } from "./expo-fake.ts";

/** One driver as the tests of all of them see it. */
export interface TestDriver {
  readonly name: string;
  /** A store on a file that nobody else's database is in between. */
  readonly open: (path: string, options?: SqliteStorageOptions) => SqliteStorage;
  /** An open database, what makes a store of it, and what closes it. */
  readonly passIn: (path: string) => PassedIn;
}

/** A database that belongs to the application. */
export interface PassedIn {
  readonly storage: () => SqliteStorage;
  readonly exec: (sql: string) => void;
  readonly close: () => void;
}

/** Those that run in Node.js; expo-sqlite's calls are made over `node:sqlite`. */
export const testDrivers: readonly TestDriver[] = [
  {
    name: "better-sqlite3",
    open: (path: string, options?: SqliteStorageOptions): SqliteStorage => onBetter(path, options),
    passIn: (path: string): PassedIn => {
      const database = new Database(path);
      return {
        storage: () => onBetter(database),
        exec: (sql) => void database.exec(sql),
        close: () => void database.close(),
      };
    },
  },
  {
    name: "node:sqlite",
    open: (path: string, options?: SqliteStorageOptions): SqliteStorage => onNode(path, options),
    passIn: (path: string): PassedIn => {
      const database = new DatabaseSync(path);
      return {
        storage: () => onNode(database),
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
      };
    },
  },
  {
    name: "expo-sqlite's calls",
    // It opens no files by itself: its owner closes the database with the store.
    open: (path: string, options?: SqliteStorageOptions): SqliteStorage => {
      const database = expoDatabase(path);
      const storage = onExpo(database, options);
      const close = (): void => {
        storage.close();
        database.closeSync();
      };
      return new Proxy(storage, {
        get: (target, name) => {
          const member: unknown = name === "close" ? close : Reflect.get(target, name, target);
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        },
      });
    },
    passIn: (path: string): PassedIn => {
      const database = expoDatabase(path);
      return {
        storage: () => onExpo(database),
        exec: (sql) => void database.prepareSync(sql).executeForRawResultSync([]),
        close: () => database.closeSync(),
      };
    },
  },
];
