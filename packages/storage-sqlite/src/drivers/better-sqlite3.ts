import { MlsError } from "@openmls-ts/traits";
import type { SqliteConnection, SqliteRow, SqliteStatement } from "../connection.ts";
import { createPrivateFile } from "../files.ts";
import type { BetterSqliteDatabase, BetterSqliteStatement } from "./better-sqlite3-shape.ts";
import { loadBetterSqlite } from "./load-better-sqlite3.ts";

/** Looks for what is called, so that a second copy of better-sqlite3 or a wrapper will do. */
export function isBetterSqliteDatabase(value: unknown): value is BetterSqliteDatabase {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const database = value as Readonly<Record<string, unknown>>;
  return (
    typeof database["open"] === "boolean" &&
    typeof database["inTransaction"] === "boolean" &&
    ["prepare", "pragma", "close"].every((name) => typeof database[name] === "function")
  );
}

/** Opens a database file, creating it if need be. */
export function openBetterSqlite(path: string, timeout: number): SqliteConnection {
  checkRuntime(process.versions);
  const Database = loadBetterSqlite();
  createPrivateFile(path);
  return betterSqliteConnection(new Database(path, { timeout }));
}

/** A database of better-sqlite3 as a {@link SqliteConnection}. */
export function betterSqliteConnection(database: BetterSqliteDatabase): SqliteConnection {
  return {
    get open() {
      return database.open;
    },
    get inTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => adapted(database.prepare(sql)),
    close: () => {
      database.close();
    },
  };
}

function adapted(statement: BetterSqliteStatement): SqliteStatement {
  if (!statement.reader) {
    return {
      run: (...parameters) => {
        statement.run(...parameters);
      },
      get: (...parameters) => {
        statement.run(...parameters);
        return undefined;
      },
      all: (...parameters) => {
        statement.run(...parameters);
        return [];
      },
      release: () => undefined,
    };
  }
  statement.raw();
  return {
    run: (...parameters) => {
      statement.all(...parameters);
    },
    get: (...parameters) => statement.get(...parameters) as SqliteRow | undefined,
    all: (...parameters) => statement.all(...parameters) as SqliteRow[],
    release: () => undefined,
  };
}

/** The Node-API version that better-sqlite3 13 is built for: in Node.js from 22.14 on. */
const NODE_API = 10;

/**
 * Refuses a runtime that better-sqlite3 13 would take down with it.
 * @param versions `process.versions`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`
 */
export function checkRuntime(versions: {
  readonly node: string;
  readonly napi?: string | undefined;
  readonly bun?: string | undefined;
}): void {
  if (versions.bun !== undefined) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      `better-sqlite3 does not run in Bun (this is ${versions.bun}): import @openmls-ts/storage-sqlite/bun`,
    );
  }
  if (!(Number(versions.napi) >= NODE_API)) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      `storage-sqlite needs Node.js 22.14 or newer, this is ${versions.node}`,
    );
  }
}
