/** What this package calls on a prepared statement of better-sqlite3. */
export interface SqliteStatement {
  run(...parameters: unknown[]): unknown;
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  pluck(toggle?: boolean): this;
  raw(toggle?: boolean): this;
}

/**
 * What this package calls on a database of better-sqlite3. Described here rather than imported, so that type-checking
 * an application needs no types of better-sqlite3.
 */
export interface SqliteDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(source: string, options?: { simple?: boolean }): unknown;
  close(): unknown;
}

/** The class that better-sqlite3 exports. */
export type DatabaseConstructor = new (path: string, options: { readonly timeout: number }) => SqliteDatabase;
