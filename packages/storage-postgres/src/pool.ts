/** What a query of pg answers with. */
export interface PostgresResult {
  readonly rows: readonly unknown[];
}

/** What this package calls on a client that a pool of pg has lent. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresResult | readonly PostgresResult[]>;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  /** Gives the client back; with `true` its connection is closed instead of used again. */
  release(destroy?: boolean): void;
}

/**
 * What this package calls on a `Pool` of pg. Described here rather than imported, so that type-checking an application
 * needs no types of pg.
 */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
}

/** A row by the names of its columns, all of them text: the statements of this package cast what is not. */
export type Row = Readonly<Record<string, string | null>>;

/** Runs one statement. */
export async function queryRows(client: PostgresClient, text: string, values?: unknown[]): Promise<Row[]> {
  return ((await client.query(text, values)) as PostgresResult).rows as Row[];
}

/** Runs several statements in one round trip; the rows of the last. They can have no parameters. */
export async function queryLast(client: PostgresClient, texts: readonly string[]): Promise<Row[]> {
  const results = (await client.query(texts.join(";\n"))) as readonly PostgresResult[];
  return (results[results.length - 1]?.rows ?? []) as Row[];
}

/**
 * Lends a client to `action`. One whose connection failed, or that may be inside a transaction still, is not used again.
 * @param reusable whether the client is fit for others after this error
 */
export async function withClient<T>(
  pool: PostgresPool,
  action: (client: PostgresClient) => Promise<T>,
  reusable: (error: unknown) => boolean,
): Promise<T> {
  const client = await pool.connect();
  let destroy = false;
  // A connection that dies between two queries is an event, and one that nobody listens to ends the process.
  const onError = (): void => {
    destroy = true;
  };
  client.on("error", onError);
  try {
    return await action(client);
  } catch (error) {
    destroy ||= !reusable(error);
    throw error;
  } finally {
    client.off("error", onError);
    client.release(destroy);
  }
}
