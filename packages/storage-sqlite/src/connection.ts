/** The columns of one row, in the order of the statement: strings, numbers or bigints, `Uint8Array`s, or null. */
export type SqliteRow = readonly unknown[];

/** What a statement may be given. */
export type SqliteParameter = string | number | Uint8Array;

/** A prepared statement. Each call runs it from its start to its end and leaves no cursor open. */
export interface SqliteStatement {
  run(...parameters: readonly SqliteParameter[]): void;
  /** The first row, or `undefined` if there is none. */
  get(...parameters: readonly SqliteParameter[]): SqliteRow | undefined;
  all(...parameters: readonly SqliteParameter[]): readonly SqliteRow[];
  /** Ends its use. Harmless when repeated, and where the runtime does it by itself. */
  release(): void;
}

/**
 * One connection to a SQLite database, 3.37 or newer, whose calls return when they are done: all that the store asks of a driver. The
 * entries of this package make one of better-sqlite3, `node:sqlite`, `bun:sqlite` and expo-sqlite; for another
 * driver an application writes these four members itself.
 */
export interface SqliteConnection {
  /** False once the database has been closed. */
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** The first column of the first row, or `undefined` if there is none. */
export function readOne(
  connection: SqliteConnection,
  sql: string,
  ...parameters: readonly SqliteParameter[]
): unknown {
  const statement = connection.prepare(sql);
  try {
    return statement.get(...parameters)?.[0];
  } finally {
    statement.release();
  }
}

/** Runs a statement once. */
export function runOnce(
  connection: SqliteConnection,
  sql: string,
  ...parameters: readonly SqliteParameter[]
): void {
  const statement = connection.prepare(sql);
  try {
    statement.run(...parameters);
  } finally {
    statement.release();
  }
}
