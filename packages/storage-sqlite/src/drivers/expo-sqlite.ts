import type { SqliteConnection, SqliteParameter, SqliteRow, SqliteStatement } from "../connection.ts";

/** What this package calls on the result of a statement of expo-sqlite, which is a cursor. */
export interface ExpoSqliteResult {
  getAllSync(): unknown[];
  resetSync(): void;
}

/** What this package calls on a statement of expo-sqlite. */
export interface ExpoSqliteStatement {
  executeForRawResultSync(parameters: SqliteParameter[]): ExpoSqliteResult;
  finalizeSync(): void;
}

/** What this package calls on a database of expo-sqlite, as `openDatabaseSync` gives it. */
export interface ExpoSqliteDatabase {
  prepareSync(sql: string): ExpoSqliteStatement;
  isInTransactionSync(): boolean;
  closeSync(): void;
}

/** Looks for what is called. */
export function isExpoSqliteDatabase(value: unknown): value is ExpoSqliteDatabase {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const database = value as Readonly<Record<string, unknown>>;
  return ["prepareSync", "isInTransactionSync", "closeSync"].every(
    (name) => typeof database[name] === "function",
  );
}

/**
 * A database of expo-sqlite as a {@link SqliteConnection}. Its `execSync` is not used: on some platforms it gives no error
 * code. That somebody has closed the database shows as an error of the next call.
 */
export function expoSqliteConnection(database: ExpoSqliteDatabase): SqliteConnection {
  let open = true;
  return {
    get open() {
      return open;
    },
    get inTransaction() {
      return database.isInTransactionSync();
    },
    prepare: (sql) => adapted(database.prepareSync(sql)),
    close: () => {
      open = false;
      database.closeSync();
    },
  };
}

function adapted(statement: ExpoSqliteStatement): SqliteStatement {
  let released = false;
  // Reading to the end closes the cursor; after an error it is reset when the statement runs again.
  const all = (parameters: readonly SqliteParameter[]): SqliteRow[] =>
    statement.executeForRawResultSync([...parameters]).getAllSync() as SqliteRow[];
  return {
    run: (...parameters) => {
      statement.executeForRawResultSync([...parameters]).resetSync();
    },
    get: (...parameters) => all(parameters)[0],
    all: (...parameters) => all(parameters),
    release: () => {
      if (!released) {
        released = true;
        statement.finalizeSync();
      }
    },
  };
}
