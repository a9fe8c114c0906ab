import { MlsError } from "@openmls-ts/traits";
import type { SqliteConnection, SqliteParameter, SqliteStatement } from "../connection.ts";
import { createPrivateFile } from "../files.ts";

/** What this package calls on a statement of `bun:sqlite`. */
export interface BunSqliteStatement {
  run(...parameters: SqliteParameter[]): unknown;
  values(...parameters: SqliteParameter[]): unknown[][];
  finalize(): void;
}

/** What this package calls on a `Database` of `bun:sqlite`. */
export interface BunSqliteDatabase {
  /** Throws when the database is closed. */
  readonly inTransaction: boolean;
  prepare(sql: string): BunSqliteStatement;
  query(sql: string): BunSqliteStatement;
  close(throwOnError?: boolean): void;
}

/** The part of `bun:sqlite` that opens files. */
interface BunSqliteModule {
  readonly Database: new (path: string) => BunSqliteDatabase;
}

/** Looks for what is called; `query` tells it from other drivers. */
export function isBunSqliteDatabase(value: unknown): value is BunSqliteDatabase {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const database = value as Readonly<Record<string, unknown>>;
  return ["prepare", "query", "close"].every((name) => typeof database[name] === "function");
}

/** Opens a database file with `bun:sqlite`, creating it if need be. */
export function openBunSqlite(path: string): SqliteConnection {
  const Database = loadBunSqlite(process);
  createPrivateFile(path);
  return bunSqliteConnection(new Database(path));
}

/**
 * Loads `bun:sqlite` at first use, by a way that bundlers for other runtimes leave alone.
 * @param runtime `process`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`
 */
export function loadBunSqlite(runtime: {
  readonly version: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => unknown;
}): BunSqliteModule["Database"] {
  const module = runtime.versions["bun"] === undefined ? undefined : runtime.getBuiltinModule?.("bun:sqlite");
  if (module === undefined) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      `storage-sqlite/bun needs Bun, this is Node.js ${runtime.version}: import @openmls-ts/storage-sqlite/node`,
    );
  }
  return (module as BunSqliteModule).Database;
}

/** A `Database` of `bun:sqlite` as a {@link SqliteConnection}. */
export function bunSqliteConnection(database: BunSqliteDatabase): SqliteConnection {
  return {
    get open() {
      try {
        return typeof database.inTransaction === "boolean";
      } catch {
        return false;
      }
    },
    get inTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => adapted(database.prepare(sql)),
    close: () => database.close(),
  };
}

function adapted(statement: BunSqliteStatement): SqliteStatement {
  return {
    run: (...parameters) => {
      statement.run(...parameters);
    },
    get: (...parameters) => statement.values(...parameters)[0],
    all: (...parameters) => statement.values(...parameters),
    // A statement that is left keeps the file open, and its log, until it is collected.
    release: () => statement.finalize(),
  };
}
