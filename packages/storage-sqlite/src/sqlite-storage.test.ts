import { utf8 } from "@openmls-ts/traits";
import type { MlsErrorCode, StorageRecord } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { SqliteConnection } from "./connection.ts";
import { betterSqliteConnection, checkRuntime } from "./drivers/better-sqlite3.ts";
import { sqliteStorage } from "./index.ts";
import type { SqliteStorage, SqliteStorageOptions } from "./index.ts";
import { prepareStatements } from "./statements.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

function open(path: string, options?: SqliteStorageOptions): SqliteStorage {
  const storage = sqliteStorage(path, options);
  onTestFinished(() => storage.close());
  return storage;
}

function openRaw(path: string): Database.Database {
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

function record(id: string, value: string): StorageRecord {
  return { key: { table: "keys", owner: utf8("group"), id: utf8(id) }, value: utf8(value) };
}

function errorWith(code: MlsErrorCode): Error {
  const matcher: unknown = expect.objectContaining({ name: "MlsError", code });
  return matcher as Error;
}

describe("the file", () => {
  it("is a table that a person can read", async () => {
    const path = folder.file();
    await open(path).write({ puts: [record("id", "value")] });
    const rows = openRaw(path).prepare("SELECT * FROM openmls_records").all();
    expect(rows).toEqual([
      {
        table: "keys",
        owner: Buffer.from("group"),
        id: Buffer.from("id"),
        value: Buffer.from("value"),
        checksum: expect.any(Number) as unknown,
      },
    ]);
  });

  it("is readable by its owner alone, where the platform has such modes", async () => {
    const path = folder.file();
    const mode = process.platform === "win32" ? 0o666 : 0o600;
    await open(path).write({ puts: [record("id", "value")] });
    expect(statSync(path).mode & 0o777).toBe(mode);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(mode);
  });

  it("is in WAL mode and leaves no log behind when closed", async () => {
    const path = folder.file();
    const storage = sqliteStorage(path);
    await storage.write({ puts: [record("id", "value")] });
    expect(existsSync(`${path}-wal`)).toBe(true);
    storage.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it("of a newer release is refused by name and left as it is", () => {
    const path = folder.file();
    sqliteStorage(path).close();
    const raw = openRaw(path);
    raw.exec("UPDATE openmls_meta SET value = 3 WHERE name = 'schema_version'; PRAGMA journal_mode = DELETE");
    expect(() => sqliteStorage(path)).toThrow(errorWith("ERR_MLS_STORAGE_FORMAT"));
    expect(() => sqliteStorage(path)).toThrow(/schema version 3, this release reads versions 1 to 2/);
    expect(raw.pragma("journal_mode", { simple: true })).toBe("delete");
    raw.exec("DELETE FROM openmls_meta");
    expect(() => sqliteStorage(raw)).toThrow(errorWith("ERR_MLS_STORAGE_FORMAT"));
    expect(raw.open).toBe(true);
  });

  it("that is no database, or in no folder, is refused", () => {
    const path = folder.file();
    writeFileSync(
      path,
      "this is a text and not a database, and it is long enough to have a header".repeat(20),
    );
    expect(() => sqliteStorage(path)).toThrow(errorWith("ERR_MLS_STORAGE"));
    expect(() => sqliteStorage(join(folder.file(), "no", "such", "folder.db"))).toThrow(
      errorWith("ERR_MLS_STORAGE"),
    );
  });
});

describe("a passed-in database", () => {
  it("keeps its own tables and version, and stays open", async () => {
    const database = openRaw(folder.file());
    database.exec("CREATE TABLE mine (a); INSERT INTO mine VALUES (1); PRAGMA user_version = 77");
    const storage = sqliteStorage(database);
    await storage.write({ puts: [record("id", "value")] });
    storage.close();
    expect(database.open).toBe(true);
    expect(database.prepare("SELECT a FROM mine").pluck().all()).toEqual([1]);
    expect(database.pragma("user_version", { simple: true })).toBe(77);
    await expect(sqliteStorage(database).get(record("id", "").key)).resolves.toEqual(utf8("value"));
  });

  it("is set to durable commits and secure deletion", () => {
    const database = openRaw(folder.file());
    sqliteStorage(database, { busyTimeout: 1234 });
    const settings = {
      journal_mode: "wal",
      synchronous: 2,
      fullfsync: 1,
      secure_delete: 1,
      wal_autocheckpoint: 64,
      journal_size_limit: 0,
      cell_size_check: 1,
      busy_timeout: 1234,
    };
    const found = Object.keys(settings).map((name) => [name, database.pragma(name, { simple: true })]);
    expect(Object.fromEntries(found)).toEqual(settings);
  });

  it("inside a transaction of its owner is refused, at first and later", async () => {
    const database = openRaw(folder.file());
    database.exec("BEGIN");
    expect(() => sqliteStorage(database)).toThrow(errorWith("ERR_MLS_USAGE"));
    database.exec("COMMIT");
    const storage = sqliteStorage(database);
    database.exec("BEGIN");
    await expect(storage.write({ puts: [record("a", "1")] })).rejects.toThrow(errorWith("ERR_MLS_STORAGE"));
    expect(database.inTransaction).toBe(true);
    database.exec("COMMIT");
    await storage.write({ puts: [record("a", "1")] });
    await expect(storage.get(record("a", "").key)).resolves.toEqual(utf8("1"));
  });
});

describe("failures", () => {
  it("a lock held by another connection gives ERR_MLS_STORAGE with SQLITE_BUSY, and nothing is written", async () => {
    const path = folder.file();
    const storage = open(path, { busyTimeout: 10 });
    const other = openRaw(path);
    other.exec("BEGIN IMMEDIATE");
    const failure = storage.write({ puts: [record("a", "1")] });
    await expect(failure).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
      details: { sqliteCode: "SQLITE_BUSY" },
      cause: { code: "SQLITE_BUSY" },
    });
    await expect(storage.get(record("a", "").key)).resolves.toBeUndefined();
    other.exec("ROLLBACK");
    await storage.write({ puts: [record("a", "1")] });
    await expect(storage.get(record("a", "").key)).resolves.toEqual(utf8("1"));
  });

  it("an error in the middle of a batch undoes the whole batch", async () => {
    const database = openRaw(folder.file());
    const storage = sqliteStorage(database);
    await storage.write({ puts: [record("a", "1")] });
    database.exec(`CREATE TRIGGER stop BEFORE INSERT ON openmls_records WHEN NEW.id = CAST('c' AS BLOB)
      BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END`);
    const batch = { deletes: [record("a", "").key], puts: [record("b", "2"), record("c", "3")] };
    await expect(storage.write(batch)).rejects.toThrow(errorWith("ERR_MLS_STORAGE"));
    expect(database.inTransaction).toBe(false);
    await expect(storage.list({ ...record("", "").key })).resolves.toEqual([record("a", "1")]);
  });

  it("a checkpoint that a reader blocks is reported", async () => {
    const path = folder.file();
    const storage = open(path, { busyTimeout: 10 });
    await storage.write({ puts: [record("a", "1")] });
    const reader = openRaw(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM openmls_records").get();
    await storage.write({ puts: [record("a", "2")] });
    await expect(storage.checkpoint()).rejects.toThrow(errorWith("ERR_MLS_STORAGE"));
    reader.exec("COMMIT");
    await expect(storage.checkpoint()).resolves.toBeUndefined();
  });
});

describe("the runtime", () => {
  it("without Node-API 10 is refused", () => {
    for (const versions of [
      { node: "20.19.5", napi: "9" },
      { node: "22.12.0", napi: "9" },
      { node: "not Node.js" },
      { node: "1.0.0", napi: "" },
    ]) {
      expect(() => checkRuntime(versions)).toThrow(errorWith("ERR_MLS_UNSUPPORTED_RUNTIME"));
    }
    expect(() => checkRuntime({ node: "24.3.0", napi: "10", bun: "1.4.5" })).toThrow(/storage-sqlite\/bun/);
    expect(() => checkRuntime({ node: "22.14.0", napi: "10" })).not.toThrow();
    expect(() => checkRuntime(process.versions)).not.toThrow();
  });
});

describe("queries", () => {
  it("search the primary key and never scan the table", () => {
    const database = openRaw(folder.file());
    sqliteStorage(database);
    const prepared: string[] = [];
    const connection = betterSqliteConnection(database);
    const recorder: SqliteConnection = {
      ...connection,
      prepare: (sql) => {
        prepared.push(sql);
        return connection.prepare(sql);
      },
    };
    prepareStatements(recorder);
    const queries = prepared.filter((sql) => sql.includes("FROM openmls_records"));
    expect(queries).toHaveLength(8);
    for (const sql of queries) {
      const parameters = Array.from(sql.matchAll(/\?/g), () => "t");
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
      const steps = plan
        .map(({ detail }) => detail)
        .filter((detail) => /\b(openmls_records|r)\b/.test(detail));
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) {
        expect(step).toMatch(/^SEARCH (openmls_records|r) USING PRIMARY KEY \(table=\?/);
      }
    }
  });
});
