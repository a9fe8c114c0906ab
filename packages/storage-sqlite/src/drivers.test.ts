import { utf8 } from "@openmls-ts/traits";
import type { StorageRecord } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage as onBun } from "./bun.ts";
import { sqliteStorage as onDriver } from "./driver.ts";
import { loadBunSqlite } from "./drivers/bun-sqlite.ts";
import { betterSqliteConnection } from "./drivers/better-sqlite3.ts";
import { loadNodeSqlite } from "./drivers/node-sqlite.ts";
import { sqliteCode } from "./errors.ts";
import { sqliteStorage as onExpo } from "./expo.ts";
import { sqliteStorage as onNode } from "./node.ts";
import { caught } from "./testing/caught.ts";
import { testDrivers } from "./testing/drivers.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

const record: StorageRecord = { key: { table: "t", owner: utf8("o"), id: utf8("i") }, value: utf8("v") };

describe.each(testDrivers)("$name", ({ open, passIn }) => {
  // One after the other: two SQLite libraries in one process do not see one another's locks on a file.
  it("reads what another driver wrote before it", async () => {
    const path = folder.file();
    for (const other of testDrivers) {
      const theirs = other.open(path);
      await theirs.write({ puts: [{ ...record, value: utf8(other.name) }] });
      theirs.close();
      expect(existsSync(`${path}-wal`)).toBe(false);
      const mine = open(path);
      await expect(mine.get(record.key)).resolves.toEqual(utf8(other.name));
      mine.close();
    }
  });

  it("tells of a writer who is in the way by SQLite's name for it, and writes nothing", async () => {
    const path = folder.file();
    const storage = open(path, { busyTimeout: 10 });
    const other = passIn(path);
    other.exec("BEGIN IMMEDIATE");
    await expect(storage.write({ puts: [record] })).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
      details: { sqliteCode: "SQLITE_BUSY" },
    });
    other.exec("ROLLBACK");
    await expect(storage.get(record.key)).resolves.toBeUndefined();
    other.close();
    storage.close();
  });

  it("refuses an older copy that somebody damaged", async () => {
    const path = folder.file();
    const storage = open(path);
    await storage.write({ puts: [record] });
    storage.close();
    const raw = new Database(path);
    raw.exec("UPDATE openmls_records SET value = x'00'");
    raw.close();
    expect(caught(() => open(path))).toMatchObject({ code: "ERR_MLS_STORAGE", details: { damaged: true } });
  });

  it("undoes a whole batch when SQLite fails in the middle of it", async () => {
    const database = passIn(folder.file());
    const storage = database.storage();
    database.exec(`CREATE TRIGGER stop BEFORE INSERT ON openmls_records WHEN NEW.id = CAST('c' AS BLOB)
      BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END`);
    const second = { ...record, key: { ...record.key, id: utf8("c") } };
    await expect(storage.write({ puts: [record, second] })).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
    });
    await expect(storage.get(record.key)).resolves.toBeUndefined();
    await storage.write({ puts: [record] });
    await expect(storage.get(record.key)).resolves.toEqual(record.value);
    storage.close();
    database.close();
  });

  it("leaves a database that was passed in to its owner, and refuses it inside a transaction", async () => {
    const database = passIn(folder.file());
    database.exec("BEGIN");
    expect(caught(() => database.storage())).toMatchObject({ code: "ERR_MLS_USAGE" });
    database.exec("COMMIT");
    const storage = database.storage();
    storage.close();
    storage.close();
    await expect(storage.get(record.key)).rejects.toMatchObject({ message: "the database is closed" });
    database.exec("CREATE TABLE mine (a)");
    database.close();
    expect(caught(() => database.storage())).toMatchObject({ name: "MlsError" });
  });
});

describe("node:sqlite", () => {
  it("makes files that their owner alone can read, where the platform has such modes", () => {
    const path = folder.file();
    onNode(path).close();
    expect(statSync(path).mode & 0o777).toBe(process.platform === "win32" ? 0o666 : 0o600);
  });

  it("is set to durable commits and secure deletion", () => {
    const database = new DatabaseSync(folder.file());
    onNode(database, { busyTimeout: 1234 }).close();
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
    const found = Object.keys(settings).map((name) => [
      name,
      Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0],
    ]);
    expect(Object.fromEntries(found)).toEqual(settings);
    database.close();
  });

  it("is refused where it lacks what is used", () => {
    for (const runtime of [
      { version: "v20.19.0" },
      { version: "v22.12.0", getBuiltinModule: () => undefined },
      { version: "v22.14.0", getBuiltinModule: () => ({ DatabaseSync, StatementSync: Object }) },
    ]) {
      expect(caught(() => loadNodeSqlite(runtime))).toMatchObject({ code: "ERR_MLS_UNSUPPORTED_RUNTIME" });
    }
  });
});

describe("an entry", () => {
  it("says which database it takes when given another driver's", () => {
    const better = new Database(":memory:");
    const node = new DatabaseSync(":memory:");
    expect(caught(() => onNode(better as never))).toMatchObject({
      code: "ERR_MLS_USAGE",
      message: expect.stringMatching(/DatabaseSync of node:sqlite/) as unknown,
    });
    for (const entry of [onBun, onExpo, onDriver]) {
      expect(caught(() => entry(node as never))).toMatchObject({ code: "ERR_MLS_USAGE" });
      expect(caught(() => entry(null as never))).toMatchObject({ code: "ERR_MLS_USAGE" });
    }
    expect(caught(() => onExpo("a.db" as never))).toMatchObject({ code: "ERR_MLS_USAGE" });
    expect(caught(() => onDriver(betterSqliteConnection(better), { busy: 1 } as never))).toMatchObject({
      code: "ERR_MLS_USAGE",
    });
    onDriver(betterSqliteConnection(better)).close();
  });

  it("for Bun says in Node.js what to import instead", () => {
    expect(caught(() => onBun(folder.file()))).toMatchObject({
      code: "ERR_MLS_UNSUPPORTED_RUNTIME",
      message: expect.stringMatching(/storage-sqlite\/node/) as unknown,
    });
    expect(caught(() => loadBunSqlite({ version: "v1", versions: { bun: "1" } }))).toMatchObject({
      code: "ERR_MLS_UNSUPPORTED_RUNTIME",
    });
  });
});

describe("SQLite's name of an error", () => {
  it.each([
    [{ code: "SQLITE_BUSY_SNAPSHOT" }, "", "SQLITE_BUSY_SNAPSHOT"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 517 }, "database is locked", "SQLITE_BUSY"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 99 }, "?", "SQLITE_99"],
    [{}, "Calling 'x' has failed\n→ Caused by: Error code 5: database is locked", "SQLITE_BUSY"],
    [{}, "Caused by: Error code \u0005: database is locked", "SQLITE_BUSY"],
    [{ code: "ERR_INTERNAL_SQLITE_ERROR" }, "no such table", undefined],
    [{ code: "ERR_INVALID_STATE" }, "database is not open", "ERR_INVALID_STATE"],
  ])("of %j with “%s” is %s", (members, message, name) => {
    expect(sqliteCode(Object.assign(new Error(message), members))).toBe(name);
  });

  it("is none for what is no error", () => {
    expect(sqliteCode("SQLITE_BUSY")).toBeUndefined();
  });
});
