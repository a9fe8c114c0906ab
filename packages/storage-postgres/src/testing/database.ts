import pg from "pg";
import { postgresStorage } from "../index.ts";
import type { PostgresStorage, PostgresStorageOptions } from "../index.ts";

/** The server of these tests. */
export const url: string = process.env["OPENMLS_POSTGRES_URL"] ?? "";

let names = 0;

/** A name that no other test of this run has. */
export function freshName(): string {
  return `t${process.pid}_${Date.now().toString(36)}_${names++}`;
}

/** A database of its own, for settings and schemas. */
export interface TestDatabase {
  readonly url: string;
  /** A pool that the tests use beside the stores. */
  readonly pool: pg.Pool;
  /** A store that is closed with the database. */
  store(options?: PostgresStorageOptions): Promise<PostgresStorage>;
  remove(): Promise<void>;
}

/** @param settings of each of its connections, as `ALTER DATABASE … SET` takes them */
export async function testDatabase(settings: readonly string[] = []): Promise<TestDatabase> {
  const name = freshName();
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  for (const setting of settings) {
    await admin.query(`ALTER DATABASE ${name} SET ${setting}`);
  }
  const own = new URL(url);
  own.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: own.href });
  pool.on("error", () => undefined);
  const stores: PostgresStorage[] = [];
  return {
    url: own.href,
    pool,
    store: async (options) => {
      const store = await postgresStorage(own.href, options);
      stores.push(store);
      return store;
    },
    remove: async () => {
      await Promise.all(stores.map(async (store) => store.close()));
      await pool.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
