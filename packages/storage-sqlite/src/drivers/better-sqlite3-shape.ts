/** What this package calls on a prepared statement of better-sqlite3. */
export interface BetterSqliteStatement {
  /** Whether it returns rows. */
  readonly reader: boolean;
  run(...parameters: unknown[]): unknown;
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  raw(toggle?: boolean): this;
}

/**
 * What this package calls on a database of better-sqlite3. Described here rather than imported, so that type-checking
 * an application needs no types of better-sqlite3.
 */
export interface BetterSqliteDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): BetterSqliteStatement;
  pragma(source: string, options?: { simple?: boolean }): unknown;
  close(): unknown;
}

/** The class that better-sqlite3 exports. */
export type BetterSqliteConstructor = new (
  path: string,
  options: { readonly timeout: number },
) => BetterSqliteDatabase;
