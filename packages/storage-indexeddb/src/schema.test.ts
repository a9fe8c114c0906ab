import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { utf8 } from "@openmls-ts/traits";
import { openDB } from "idb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deleteIndexedDbStorage, indexedDbStorage } from "./index.ts";
import { openStorage } from "./indexeddb-storage.ts";
import { checkOptions } from "./options.ts";
import { STEPS, type UpgradeStep } from "./schema.ts";
import { failureOf } from "./testing/failures.ts";

const name = "alice";
const key = { table: "t", owner: utf8("o"), id: utf8("a") };
const format = "ERR_MLS_STORAGE_FORMAT";

/** What a newer release might do: every value gets an octet in front. */
const prependOctet: UpgradeStep = async (_database, transaction) => {
  let cursor = await transaction.objectStore("openmls_records").openCursor();
  while (cursor !== null) {
    await cursor.update(Uint8Array.of(2, ...(cursor.value as Uint8Array)));
    cursor = await cursor.continue();
  }
};

const newer = async (step: UpgradeStep, blockedTimeout = 100): ReturnType<typeof openStorage> =>
  openStorage(checkOptions({ name, blockedTimeout }), [...STEPS, step]);

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("a newer release", () => {
  it("brings the database up to date, and the older one lets go of it", async () => {
    const onEnd = vi.fn();
    const old = await indexedDbStorage({ name, onEnd });
    await old.write({ puts: [{ key, value: utf8("v") }] });
    const store = await newer(prependOctet);
    expect(store.created).toBe(false);
    expect(await store.get(key)).toEqual(Uint8Array.of(2, ...utf8("v")));
    expect(await failureOf(old.get(key))).toEqual({ code: "ERR_MLS_STORAGE", reason: "upgraded" });
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect((await failureOf(indexedDbStorage({ name }))).code).toBe(format);
  });

  it("makes a new database in one go", async () => {
    const store = await newer(prependOctet);
    expect(store.created).toBe(true);
    await store.write({ puts: [{ key, value: utf8("v") }] });
    expect(await store.get(key)).toEqual(utf8("v"));
  });

  it("whose step fails leaves everything as it was", async () => {
    const old = await indexedDbStorage({ name });
    await old.write({ puts: [{ key, value: utf8("v") }] });
    const failing: UpgradeStep = async (database, transaction) => {
      await prependOctet(database, transaction);
      throw new RangeError("a bug");
    };
    await expect(newer(failing)).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
      cause: new RangeError("a bug"),
    });
    const again = await indexedDbStorage({ name });
    expect(await again.get(key)).toEqual(utf8("v"));
  });

  it("waits for a tab that does not let go, then says so, and comes in when it is gone", async () => {
    await (await indexedDbStorage({ name })).write({ puts: [{ key, value: utf8("v") }] });
    const stubborn = await openDB(name);
    expect(await failureOf(newer(prependOctet, 20))).toEqual({ code: "ERR_MLS_STORAGE", reason: "blocked" });
    const patient = newer(prependOctet, 5000);
    setTimeout(() => stubborn.close(), 20);
    expect(await (await patient).get(key)).toEqual(Uint8Array.of(2, ...utf8("v")));
  });
});

describe("a database of something else", () => {
  it.each([1, 7])("in version %i is refused and left alone", async (version) => {
    const other = await openDB(name, version, {
      upgrade: (database) => void database.createObjectStore("mine"),
    });
    other.close();
    expect((await failureOf(indexedDbStorage({ name }))).code).toBe(format);
    if (version === 1) {
      expect((await failureOf(newer(prependOctet))).code).toBe(format);
    }
    const again = await openDB(name);
    expect([again.version, [...again.objectStoreNames]]).toEqual([version, ["mine"]]);
  });
});

describe("deleteIndexedDbStorage", () => {
  it("deletes all, and nothing where there is nothing", async () => {
    const store = await indexedDbStorage({ name });
    await store.write({ puts: [{ key, value: utf8("v") }] });
    await deleteIndexedDbStorage(name);
    await deleteIndexedDbStorage(name);
    const fresh = await indexedDbStorage({ name });
    expect([fresh.created, await fresh.get(key)]).toEqual([true, undefined]);
  });

  it("says when something keeps the database open", async () => {
    const stubborn = await openDB(name, 1);
    expect(await failureOf(deleteIndexedDbStorage(name, 20))).toEqual({
      code: "ERR_MLS_STORAGE",
      reason: "blocked",
    });
    stubborn.close();
    expect((await failureOf(deleteIndexedDbStorage(""))).code).toBe("ERR_MLS_USAGE");
  });
});
