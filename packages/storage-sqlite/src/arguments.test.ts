import type { StorageKey } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { existsSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import type { SqliteStorageOptions } from "./index.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

function refusal(pathOrDatabase: unknown, options?: unknown): unknown {
  try {
    sqliteStorage(pathOrDatabase as string, options as SqliteStorageOptions).close();
  } catch (error) {
    return error;
  }
  return expect.unreachable("it was accepted");
}

function usage(message: RegExp, argument = "pathOrDatabase"): unknown {
  return expect.objectContaining({
    name: "MlsError",
    code: "ERR_MLS_USAGE",
    message: expect.stringMatching(message) as unknown,
    details: { argument },
  });
}

describe("sqliteStorage refuses, naming the argument,", () => {
  it.each([
    ["nothing", undefined, /pathOrDatabase.*not undefined/],
    ["null", null, /pathOrDatabase.*not null/],
    ["a number", 7, /pathOrDatabase.*not number/],
    ["an object with a path", { path: "a.db" }, /pathOrDatabase.*not another object/],
    ["the class", Database, /pathOrDatabase.*not function/],
    ["an empty path", "", /pathOrDatabase is a path/],
    ["a path with a space at its end", "a.db ", /pathOrDatabase/],
    ["a path with a NUL", "a\0.db", /pathOrDatabase/],
  ])("%s", (_, given, message) => {
    expect(refusal(given)).toEqual(usage(message));
  });

  it("a closed database, and one inside a transaction", () => {
    const database = new Database(":memory:");
    database.exec("BEGIN");
    expect(refusal(database)).toEqual(usage(/pathOrDatabase.*transaction/));
    database.close();
    expect(refusal(database)).toEqual(usage(/pathOrDatabase.*closed/));
  });

  it("options that do not exist or make no sense, before there is a file", () => {
    const path = folder.file();
    expect(refusal(path, { busytimeout: 1 })).toEqual(
      usage(/options\.busytimeout is unknown/, "options.busytimeout"),
    );
    expect(refusal(path, 5000)).toEqual(usage(/options is an object/, "options"));
    expect(refusal(path, null)).toEqual(usage(/options is an object/, "options"));
    for (const busyTimeout of [-1, 0.5, Number.NaN, 2 ** 31, "5000", null]) {
      expect(refusal(path, { busyTimeout })).toEqual(
        usage(/options\.busyTimeout is a number/, "options.busyTimeout"),
      );
    }
    expect(existsSync(path)).toBe(false);
  });
});

describe("sqliteStorage takes", () => {
  it("undefined options for their defaults", () => {
    const database = new Database(":memory:", { timeout: 777 });
    sqliteStorage(database, undefined);
    sqliteStorage(database, { busyTimeout: undefined });
    expect(database.pragma("busy_timeout", { simple: true })).toBe(777);
  });

  it("bytes of another realm and of Buffers, and hands out plain arrays", async () => {
    const foreign = (text: string): Uint8Array =>
      runInNewContext("Uint8Array.from(octets)", { octets: [...utf8(text)] }) as Uint8Array;
    expect(foreign("x")).not.toBeInstanceOf(Uint8Array);
    const storage = sqliteStorage(":memory:");
    for (const make of [foreign, (text: string) => Buffer.from(text)]) {
      const key: StorageKey = { table: "t", owner: make("owner"), id: make("id") };
      await storage.write({ puts: [{ key, value: make("value") }] });
      await storage.write({ expect: [{ key, value: make("value") }] });
      expect(await storage.get(key)).toStrictEqual(utf8("value"));
      const [record] = await storage.list({ ...key, id: make("i") });
      expect(record).toStrictEqual({
        key: { table: "t", owner: utf8("owner"), id: utf8("id") },
        value: utf8("value"),
      });
      expect(await storage.listOwners("t")).toStrictEqual([utf8("owner")]);
      await storage.write({ deletes: [key] });
      expect(await storage.get(key)).toBeUndefined();
    }
    storage.close();
  });
});

describe("a store that was closed", () => {
  it("says so in every call", async () => {
    const database = new Database(":memory:");
    const storages = [sqliteStorage(":memory:"), sqliteStorage(database)];
    storages[0]!.close();
    storages[0]!.close();
    database.close();
    const key: StorageKey = { table: "t", owner: utf8("o"), id: utf8("i") };
    const closed = { code: "ERR_MLS_STORAGE", message: "the database is closed" };
    for (const storage of storages) {
      await expect(storage.get(key)).rejects.toMatchObject(closed);
      await expect(storage.list(key)).rejects.toMatchObject(closed);
      await expect(storage.listOwners("t")).rejects.toMatchObject(closed);
      await expect(storage.write({})).rejects.toMatchObject(closed);
      await expect(storage.checkpoint()).rejects.toMatchObject(closed);
      await expect(storage.compact()).rejects.toMatchObject(closed);
      expect(() => storage.close()).not.toThrow();
    }
  });
});
