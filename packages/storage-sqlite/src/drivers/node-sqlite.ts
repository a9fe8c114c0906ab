import { MlsError } from "@openmls-ts/traits";
import type { SqliteConnection, SqliteParameter, SqliteRow, SqliteStatement } from "../connection.ts";
import { createPrivateFile } from "../files.ts";

/** What this package calls on a statement of `node:sqlite`. */
export interface NodeSqliteStatement {
  run(...parameters: SqliteParameter[]): unknown;
  get(...parameters: SqliteParameter[]): unknown;
  all(...parameters: SqliteParameter[]): unknown[];
  setReturnArrays(enabled: boolean): void;
}

/** What this package calls on a `DatabaseSync` of `node:sqlite`. */
export interface NodeSqliteDatabase {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  prepare(sql: string): NodeSqliteStatement;
  close(): void;
}

/** The part of `node:sqlite` that opens files. */
interface NodeSqliteModule {
  readonly DatabaseSync?: new (path: string, options: { readonly timeout: number }) => NodeSqliteDatabase;
  readonly StatementSync?: { readonly prototype: object };
}

/** Looks for what is called. */
export function isNodeSqliteDatabase(value: unknown): value is NodeSqliteDatabase {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const database = value as Readonly<Record<string, unknown>>;
  return (
    typeof database["isOpen"] === "boolean" &&
    "isTransaction" in database && // which throws when the database is closed
    ["prepare", "close"].every((name) => typeof database[name] === "function")
  );
}

/** Opens a database file with `node:sqlite`, creating it if need be. */
export function openNodeSqlite(path: string, timeout: number): SqliteConnection {
  const DatabaseSync = loadNodeSqlite(process);
  createPrivateFile(path);
  return nodeSqliteConnection(new DatabaseSync(path, { timeout }));
}

/**
 * Loads `node:sqlite` at first use: importing it warns, in the versions of Node.js that call it experimental.
 * @param runtime `process`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`
 */
export function loadNodeSqlite(runtime: {
  readonly version: string;
  readonly getBuiltinModule?: (name: string) => unknown;
}): NonNullable<NodeSqliteModule["DatabaseSync"]> {
  const module = runtime.getBuiltinModule?.("node:sqlite") as NodeSqliteModule | undefined;
  const DatabaseSync = module?.DatabaseSync;
  // What came last of what is used here, with 22.16 and 24.0.
  const recent = module?.StatementSync !== undefined && "setReturnArrays" in module.StatementSync.prototype;
  if (DatabaseSync === undefined || !recent) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      `storage-sqlite/node needs node:sqlite as in Node.js 22.16 or newer, this is ${runtime.version}`,
    );
  }
  return DatabaseSync;
}

/** A `DatabaseSync` of `node:sqlite` as a {@link SqliteConnection}. */
export function nodeSqliteConnection(database: NodeSqliteDatabase): SqliteConnection {
  return {
    get open() {
      return database.isOpen;
    },
    get inTransaction() {
      return database.isTransaction;
    },
    prepare: (sql) => adapted(database.prepare(sql)),
    close: () => database.close(),
  };
}

function adapted(statement: NodeSqliteStatement): SqliteStatement {
  statement.setReturnArrays(true);
  return {
    run: (...parameters) => {
      statement.run(...parameters);
    },
    get: (...parameters) => statement.get(...parameters) as SqliteRow | undefined,
    all: (...parameters) => statement.all(...parameters) as SqliteRow[],
    release: () => undefined,
  };
}
