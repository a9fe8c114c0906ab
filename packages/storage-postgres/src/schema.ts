import { MlsError } from "@openmls-ts/traits";
import { lockNumber } from "./locks.ts";
import { queryLast, queryRows } from "./pool.ts";
import type { PostgresClient } from "./pool.ts";

/** The version of the tables. A database of a newer one is refused, an older one is brought up to it. */
export const SCHEMA_VERSION = 1;

/** PostgreSQL 13: `pg_current_xact_id`. */
const OLDEST_SERVER = 130_000;

/** What brings the tables from version i to i + 1, statement by statement. */
function migrations(schema: string): readonly (readonly string[])[] {
  return [
    [
      `CREATE SCHEMA IF NOT EXISTS ${schema}`,
      `CREATE TABLE ${schema}.openmls_meta (name text PRIMARY KEY, value bigint NOT NULL)`,
      // bytea compares as unsigned octets, the shorter first, and text under "C" too: the order that StorageKey asks for.
      `CREATE TABLE ${schema}.openmls_records (
        store text COLLATE "C" NOT NULL,
        "table" text COLLATE "C" NOT NULL,
        owner_key bytea NOT NULL,
        id bytea NOT NULL,
        long_owner bytea,
        value bytea NOT NULL,
        PRIMARY KEY (store, "table", owner_key, id)
      )`,
      // Message keys are replaced all day: dead rows go early, and room in the page lets new ones stay there.
      `ALTER TABLE ${schema}.openmls_records SET (
        fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500
      )`,
      `INSERT INTO ${schema}.openmls_meta (name, value) VALUES ('schema_version', 1)`,
    ],
  ];
}

/**
 * Creates the tables in a new schema, or brings old ones up to date. Several processes may do so at once.
 * @param schema the quoted name
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for tables this release does not know, with nothing changed;
 *   `ERR_MLS_UNSUPPORTED_RUNTIME` before PostgreSQL 13
 */
export async function prepareSchema(client: PostgresClient, schema: string): Promise<void> {
  const [server] = await queryRows(client, "SHOW server_version_num");
  if (Number(server?.["server_version_num"]) < OLDEST_SERVER) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "storage-postgres needs PostgreSQL 13 or newer");
  }
  // Most often there is nothing to do, and perhaps no right to do it.
  if ((await readVersion(client, schema)) === SCHEMA_VERSION) {
    return;
  }
  await queryLast(client, [
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    `SELECT pg_advisory_xact_lock(${lockNumber(schema)})`,
  ]);
  try {
    const version = (await readVersion(client, schema)) ?? 0;
    for (const statements of migrations(schema).slice(version)) {
      await queryLast(client, statements);
    }
    if (version > 0) {
      const set = `UPDATE ${schema}.openmls_meta SET value = $1 WHERE name = 'schema_version'`;
      await queryRows(client, set, [SCHEMA_VERSION]);
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** @returns `undefined` where there are no tables yet */
async function readVersion(client: PostgresClient, schema: string): Promise<number | undefined> {
  // Not to_regclass: it answers from a cache that does not learn of what was committed while we waited for the lock.
  const found = await queryRows(
    client,
    "SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'openmls_meta'",
    [schema.slice(1, -1)],
  );
  if (found.length === 0) {
    return undefined;
  }
  const rows = await queryRows(
    client,
    `SELECT value::text AS value FROM ${schema}.openmls_meta WHERE name = 'schema_version'`,
  );
  const version = Number(rows[0]?.["value"]);
  checkVersion(version);
  return version;
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` unless this release can bring `version` up to date */
export function checkVersion(version: number, oldest = 1): void {
  if (!(version >= oldest && version <= SCHEMA_VERSION)) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `the tables have schema version ${version}, this release uses ${SCHEMA_VERSION}`,
    );
  }
}
