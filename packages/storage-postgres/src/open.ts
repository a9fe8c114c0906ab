import { storageError } from "./errors.ts";
import { checkOptions, checkPool, checkUrl } from "./options.ts";
import type { PostgresStorageOptions } from "./options.ts";
import { withClient } from "./pool.ts";
import type { PostgresPool } from "./pool.ts";
import { PoolStorage } from "./postgres-storage.ts";
import type { PostgresStorage } from "./postgres-storage.ts";
import { prepareSchema } from "./schema.ts";

/**
 * A store in a PostgreSQL database, 13 or newer. Any number of connections and processes may use it at once.
 *
 * A passed-in pool stays the caller's, who listens to its `error` events and ends it. Each write needs one of its
 * connections for a transaction; reads need one each. Behind PgBouncer, `transaction` pooling will do.
 *
 * @param urlOrPool a connection URI, for a pool of this store's own, or a `Pool` of pg
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for tables of a newer release, `ERR_MLS_STORAGE` when the server cannot be
 *   reached (`details.connectionLost`) or refuses (`details.sqlState`), `ERR_MLS_UNSUPPORTED_RUNTIME` before PostgreSQL 13,
 *   `ERR_MLS_USAGE` for arguments that make no sense
 */
export async function postgresStorage(
  urlOrPool: string | PostgresPool,
  options: PostgresStorageOptions = {},
): Promise<PostgresStorage> {
  const settings = checkOptions(options);
  const owned = typeof urlOrPool === "string";
  const pool = owned ? await ownPool(checkUrl(urlOrPool)) : checkPool(urlOrPool);
  try {
    await withClient(
      pool,
      async (client) => prepareSchema(client, settings.schema),
      () => false,
    );
    return new PoolStorage(pool, owned, settings);
  } catch (error) {
    if (owned) {
      await pool.end();
    }
    throw storageError(error);
  }
}

async function ownPool(url: string): Promise<PostgresPool> {
  // At first use: importing a package does no work.
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true });
  // An idle connection that dies is replaced by the next call, which reports it if that fails too.
  pool.on("error", () => undefined);
  return pool;
}
