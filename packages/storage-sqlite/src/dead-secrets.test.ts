import { utf8 } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { copyFileSync, existsSync, statSync } from "node:fs";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "./index.ts";
import type { SqliteStorage } from "./index.ts";
import { fastStorage } from "./testing/fast.ts";
import { countInFiles } from "./testing/search.ts";
import { testFolder } from "./testing/folder.ts";
import { Workload } from "./testing/workload.ts";

const folder = testFolder();
afterAll(() => folder.remove());

const NONE = { "": 0, "-wal": 0, "-shm": 0 };

/** What the README says may be left where pages were rearranged: one in five thousand. */
const LEFT = 5000;

function open(path: string): SqliteStorage {
  const storage = sqliteStorage(path);
  onTestFinished(() => storage.close());
  return storage;
}

function walSize(path: string): number {
  return existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0;
}

describe("values that were overwritten or deleted", () => {
  it("are gone from the files, but for one in five thousand, when epochs and groups have ended", async () => {
    const path = folder.file();
    const fast = fastStorage(path);
    onTestFinished(() => fast.closeDatabase());
    const work = new Workload(fast);
    await work.run({ groups: 20, members: 100, epochs: 20, messages: 60 });
    expect(work.dead).toHaveLength(69_310);
    // The search finds what is there.
    expect(countInFiles(path, work.live)[""]).toBe(work.live.length);
    const { "": main, ...others } = countInFiles(path, work.dead);
    expect(main).toBeLessThanOrEqual(work.dead.length / LEFT);
    expect(others).toEqual({ "-wal": 0, "-shm": 0 });
    expect(walSize(path)).toBe(0);
    fast.closeDatabase();
    await open(path).compact();
    expect(countInFiles(path, work.dead)).toEqual(NONE);
    expect(countInFiles(path, work.live)[""]).toBe(work.live.length);
  });

  it("are those of the last 15 writes at most while only messages are sent", async () => {
    const path = folder.file();
    const work = new Workload(open(path));
    await work.beginEpoch("group", 0, 64);
    const found: number[] = [];
    const allowed: number[] = [];
    for (let i = 0; i < 160; i++) {
      const before = work.dead.length;
      await work.message("group", 0, i, 64);
      allowed.push(work.dead.length - before);
      const { "": main, "-wal": wal } = countInFiles(path, work.dead);
      const recent = allowed.slice(-15).reduce((sum, count) => sum + count, 0);
      expect(Math.max(main, wal)).toBeLessThanOrEqual(recent + work.dead.length / LEFT);
      found.push(main + wal);
    }
    expect(found.filter((count) => count === 0)).toHaveLength(10);
    expect(Math.max(...found)).toBeGreaterThan(0);
  });

  it("go when a reader that was in the way has left", async () => {
    const path = folder.file();
    const storage = open(path);
    const work = new Workload(storage);
    await work.beginEpoch("group", 0, 8);
    const reader = new Database(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM openmls_records").get();
    await work.message("group", 0, 0, 8);
    const start = performance.now();
    await work.deleteGroup("group");
    // The busy timeout is five seconds; nobody waits for it.
    expect(performance.now() - start).toBeLessThan(2500);
    expect(countInFiles(path, work.dead)).not.toEqual(NONE);
    reader.close();
    await storage.write({
      puts: [{ key: { table: "t", owner: utf8("o"), id: utf8("i") }, value: utf8("v") }],
    });
    expect(countInFiles(path, work.dead)).toEqual(NONE);
    await expect(storage.checkpoint()).resolves.toBeUndefined();
  });

  it("are not in a log that others go on with after close()", async () => {
    const path = folder.file();
    const storage = open(path);
    const other = open(path);
    const work = new Workload(storage);
    await work.beginEpoch("group", 0, 8);
    await work.message("group", 0, 0, 8);
    expect(walSize(path)).toBeGreaterThan(0);
    storage.close();
    expect(walSize(path)).toBe(0);
    expect(countInFiles(path, work.dead)).toEqual(NONE);
    await expect(other.listOwners("group")).resolves.toHaveLength(1);
  });

  it("are not in the log of a passed-in database after close() either", async () => {
    const path = folder.file();
    const database = new Database(path);
    const storage = sqliteStorage(database);
    const work = new Workload(storage);
    await work.beginEpoch("group", 0, 8);
    await work.message("group", 0, 0, 8);
    storage.close();
    expect(countInFiles(path, work.dead)).toEqual(NONE);
    expect(database.pragma("busy_timeout", { simple: true })).toBe(5000);
    database.close();
  });
});

describe("the log of a process that died", () => {
  it("is emptied when the file is opened", async () => {
    const path = folder.file();
    const work = new Workload(open(path));
    await work.beginEpoch("group", 0, 8);
    await work.message("group", 0, 0, 8);
    const copy = folder.file();
    for (const suffix of ["", "-wal"]) {
      copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
    }
    expect(countInFiles(copy, work.dead)).not.toEqual(NONE);
    await expect(open(copy).listOwners("group")).resolves.toHaveLength(1);
    expect(countInFiles(copy, work.dead)).toEqual(NONE);
  });
});

describe("compact", () => {
  it("is the owner's business where a database is passed in", async () => {
    const database = new Database(":memory:");
    await expect(sqliteStorage(database).compact()).rejects.toMatchObject({ code: "ERR_MLS_USAGE" });
  });
});
