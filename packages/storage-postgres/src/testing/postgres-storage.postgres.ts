import { utf8 } from "@openmls-ts/traits";
import type { StorageKey } from "@openmls-ts/traits";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { postgresStorage } from "../index.ts";
import type { PostgresClient, PostgresPool } from "../index.ts";
import { lockNumber } from "../locks.ts";
import { freshName, testDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.remove());

const key: StorageKey = { table: "t", owner: utf8("o"), id: utf8("i") };
const put = (text: string): { puts: { key: StorageKey; value: Uint8Array }[] } => ({
  puts: [{ key, value: utf8(text) }],
});

/** Ends all connections of this database but the one that asks. */
async function endConnections(): Promise<void> {
  await database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
}

/** The pool, with its clients' answers to COMMIT lost. @param sent whether the server gets to see it */
function losingCommits(pool: pg.Pool, sent: boolean): PostgresPool {
  let lost = false;
  return {
    end: async () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const query: PostgresClient["query"] = async (text, values) => {
        if (text !== "COMMIT" || lost) {
          return client.query(text, values);
        }
        lost = true;
        if (sent) {
          await client.query(text);
        }
        throw new Error("Connection terminated unexpectedly");
      };
      return {
        query,
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
        release: (destroy) => client.release(destroy),
      };
    },
  };
}

describe("stores in one database", () => {
  it("share nothing", async () => {
    const [a, b] = [await database.store({ store: "a" }), await database.store({ store: "b@host/1" })];
    const c = await database.store({ store: "a", schema: "other_schema" });
    await Promise.all([a.write(put("of a")), b.write(put("of b"))]);
    await expect(a.get(key)).resolves.toEqual(utf8("of a"));
    await expect(b.get(key)).resolves.toEqual(utf8("of b"));
    await expect(c.get(key)).resolves.toBeUndefined();
    await a.write({ deletePrefixes: [{ ...key, id: new Uint8Array(0) }] });
    await expect(a.listOwners("t")).resolves.toEqual([]);
    await expect(b.listOwners("t")).resolves.toEqual([utf8("o")]);
  });

  it("can be opened for the first time by many at once", async () => {
    const schema = freshName();
    const stores = await Promise.all(Array.from({ length: 8 }, async () => database.store({ schema })));
    await Promise.all(stores.map(async (store, i) => store.write(put(String(i)))));
    await expect(stores[0]!.get(key)).resolves.toHaveLength(1);
  });
});

describe("tables of a newer release", () => {
  it("are refused by name when a store is opened, and when it writes", async () => {
    const schema = freshName();
    const store = await database.store({ schema });
    await store.write(put("old"));
    await database.pool.query(`UPDATE ${schema}.openmls_meta SET value = 2`);
    const refused = {
      code: "ERR_MLS_STORAGE_FORMAT",
      message: expect.stringMatching(/version 2/) as unknown,
    };
    await expect(database.store({ schema })).rejects.toMatchObject(refused);
    await expect(store.write(put("new"))).rejects.toMatchObject(refused);
    await expect(store.get(key)).resolves.toEqual(utf8("old"));
    await database.pool.query(`DELETE FROM ${schema}.openmls_meta`);
    await expect(database.store({ schema })).rejects.toMatchObject({ code: "ERR_MLS_STORAGE_FORMAT" });
  });
});

describe("a connection that is lost", () => {
  it("while idle is replaced, for reads and for writes", async () => {
    const store = await database.store({ store: freshName() });
    for (const text of ["1", "2"]) {
      await endConnections();
      await store.write(put(text));
      await endConnections();
      await expect(store.get(key)).resolves.toEqual(utf8(text));
    }
  });

  it("while a write waits for another one has that write done again", async () => {
    const name = freshName();
    const store = await database.store({ store: name });
    const other = new pg.Client(database.url);
    await other.connect();
    other.on("error", () => undefined);
    await other.query(`BEGIN; SELECT pg_advisory_xact_lock(${lockNumber(`"openmls" ${name}`, key.owner)})`);
    const write = store.write(put("late"));
    const waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    while ((await database.pool.query(waiting)).rowCount === 0);
    await endConnections();
    await write;
    await expect(store.get(key)).resolves.toEqual(utf8("late"));
    await other.end();
  });

  it("at COMMIT is looked into: what was committed counts as written, and what was not is told", async () => {
    for (const sent of [true, false]) {
      const name = freshName();
      const pool = new pg.Pool({ connectionString: database.url });
      pool.on("error", () => undefined);
      onTestFinished(async () => pool.end());
      await postgresStorage(pool, { store: name });
      const schema = { store: name };
      const plain = await postgresStorage(pool, schema);
      const storage = await postgresStorage(losingCommits(pool, sent), schema);
      const write = storage.write({ expect: [{ key, value: undefined }], ...put("once") });
      if (sent) {
        await expect(write).resolves.toBeUndefined();
        await expect(plain.get(key)).resolves.toEqual(utf8("once"));
      } else {
        await expect(write).rejects.toMatchObject({
          code: "ERR_MLS_STORAGE",
          details: { connectionLost: true },
        });
        await expect(plain.get(key)).resolves.toBeUndefined();
      }
    }
  });

  it("for good, or a server that is not there, is ERR_MLS_STORAGE", async () => {
    const nowhere = "postgres://nobody@localhost/none?host=%2Fnowhere";
    const unreachable = { code: "ERR_MLS_STORAGE", details: { connectionLost: true } };
    await expect(postgresStorage(nowhere)).rejects.toMatchObject(unreachable);
    const pool = new pg.Pool({ connectionString: database.url });
    const store = await postgresStorage(pool);
    await pool.end();
    await expect(store.get(key)).rejects.toMatchObject(unreachable);
    await expect(store.write(put("x"))).rejects.toMatchObject(unreachable);
  });
});

describe("a write", () => {
  it("that waits too long for another one gives up, with nothing written", async () => {
    const name = freshName();
    const store = await database.store({ store: name, lockTimeout: 50 });
    const other = await database.pool.connect();
    await other.query(`BEGIN; SELECT pg_advisory_xact_lock(${lockNumber(`"openmls" ${name}`, key.owner)})`);
    await expect(store.write(put("x"))).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
      details: { sqlState: "55P03" },
    });
    await other.query("ROLLBACK");
    other.release();
    await expect(store.get(key)).resolves.toBeUndefined();
    await store.write(put("x"));
  });

  it("that fails in the middle undoes the whole batch, and the connection is used again", async () => {
    const schema = freshName();
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    onTestFinished(async () => pool.end());
    const store = await postgresStorage(pool, { schema });
    await pool.query(`ALTER TABLE ${schema}.openmls_records ADD CHECK (value <> 'fire'::bytea)`);
    const second = { key: { ...key, id: utf8("z") }, value: utf8("fire") };
    await expect(store.write({ puts: [...put("x").puts, second] })).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
      details: { sqlState: "23514" },
    });
    await expect(store.get(key)).resolves.toBeUndefined();
    await store.write(put("x"));
    await expect(store.get(key)).resolves.toEqual(utf8("x"));
  });

  it("takes bytes as they were at the call", async () => {
    const store = await database.store({ store: freshName() });
    const value = utf8("before");
    const id = utf8("id");
    const write = store.write({ puts: [{ key: { ...key, id }, value }] });
    value.fill(0);
    id.fill(0);
    await write;
    await expect(store.list({ ...key, id: new Uint8Array(0) })).resolves.toEqual([
      { key: { ...key, id: utf8("id") }, value: utf8("before") },
    ]);
  });
});

describe("owners too long for an index", () => {
  it("are told apart by their ends, and listed in order", async () => {
    const store = await database.store({ store: freshName() });
    const long = (last: number): Uint8Array => new Uint8Array(5000).fill(7).fill(last, 4999);
    const owners = [utf8(""), new Uint8Array(1024).fill(7), long(0), long(1), long(2), utf8("z")];
    await store.write({
      puts: owners.map((owner, i) => ({ key: { ...key, owner }, value: Uint8Array.of(i) })),
    });
    const sorted = [owners[0]!, ...owners.slice(1, 5), owners[5]!];
    await expect(store.listOwners("t")).resolves.toEqual(sorted);
    for (const [i, owner] of owners.entries()) {
      await expect(store.get({ ...key, owner })).resolves.toEqual(Uint8Array.of(i));
    }
    await store.write({ deletePrefixes: [{ ...key, owner: long(1) }] });
    await expect(store.get({ ...key, owner: long(2) })).resolves.toEqual(Uint8Array.of(4));
    await expect(store.listOwners("t")).resolves.toHaveLength(5);
  });
});
