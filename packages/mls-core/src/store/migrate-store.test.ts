import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { MlsError, type StorageProvider, type StorageRecord, utf8 } from "@openmls-ts/traits";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { migrateStore, MlsGroup } from "../index.ts";
import type { Formats } from "../record-formats.ts";
import { openRecord } from "../stored-format.ts";
import { goldenProvider, readGolden, storeOf } from "../testing/golden.ts";
import { mlsError } from "../testing/suites.ts";
import { watchOf } from "../work.ts";
import { migrateRecords } from "./migrate-store.ts";

/** Formats of a release that is not: in table "a" a length goes before the value, then the value turns round. */
const NEWER: Formats = {
  oldest: 2,
  steps: [
    { table: "a", from: 2, convert: (value) => Uint8Array.of(value.length, ...value) },
    { table: "b", from: 2, convert: (value) => value.slice().reverse() },
    { table: "a", from: 3, convert: (value) => value.slice().reverse() },
  ],
};

const record = (table: string, owner: string, id: number, ...value: number[]): StorageRecord => ({
  key: { table, owner: utf8(owner), id: Uint8Array.of(id >> 8, id & 0xff) },
  value: Uint8Array.from(value),
});

/** 300 records of one owner, which are two batches; an owner that was migrated half; a table without steps. */
const before: readonly StorageRecord[] = [
  ...Array.from({ length: 300 }, (_, id) => record("a", "x", id, 2, 7, id & 0xff)),
  record("a", "y", 1, 2, 1, 2),
  record("a", "y", 2, 3, 2, 1, 2),
  record("a", "y", 3, 4, 2, 1, 2),
  record("b", "x", 1, 2, 1, 2, 3),
  record("c", "x", 1, 2, 1),
];
const after: readonly StorageRecord[] = [
  ...Array.from({ length: 300 }, (_, id) => record("a", "x", id, 4, id & 0xff, 7, 2)),
  record("a", "y", 1, 4, 2, 1, 2),
  record("a", "y", 2, 4, 2, 1, 2),
  record("a", "y", 3, 4, 2, 1, 2),
  record("b", "x", 1, 3, 3, 2, 1),
  record("c", "x", 1, 2, 1),
];

/** A store that ends with the n-th write: before it, or after it was carried out. */
function ending(inner: StorageProvider, at: number, written: boolean): StorageProvider {
  let writes = 0;
  return {
    name: "ending",
    get: async (key) => inner.get(key),
    list: async (prefix) => inner.list(prefix),
    listOwners: async (table) => inner.listOwners(table),
    write: async (batch) => {
      writes++;
      if (writes === at && !written) throw new MlsError("ERR_MLS_STORAGE", "killed before the write");
      await inner.write(batch);
      if (writes === at) throw new MlsError("ERR_MLS_STORAGE", "killed after the write");
    },
  };
}

const killed = mlsError("ERR_MLS_STORAGE");

describe("records of older formats", () => {
  it("become this release's, once", async () => {
    const store = await storeOf(before);
    expect(await migrateRecords(store, NEWER)).toEqual({ owners: 3, rewritten: 303 });
    expect(store.entries()).toEqual((await storeOf(after)).entries());
    const counting = ending(store, 1, false);
    expect(await migrateRecords(counting, NEWER)).toEqual({ owners: 3, rewritten: 0 });
  });

  it("become it after a crash at any write, before it or after it, and are readable all the time", async () => {
    for (const written of [false, true]) {
      for (let at = 1; at <= 4; at++) {
        const store = await storeOf(before);
        await expect(migrateRecords(ending(store, at, written), NEWER)).rejects.toThrow(killed);
        const values = store.entries().map(({ key, value }) => openRecord(value, key.table, NEWER));
        const final = (await storeOf(after)).entries();
        expect(values).toEqual(final.map(({ value }) => value.subarray(1)));
        await migrateRecords(store, NEWER);
        expect(store.entries()).toEqual(final);
      }
      const whole = await storeOf(before);
      await migrateRecords(ending(whole, 5, written), NEWER); // four writes are all
    }
  });

  it("are told of owner by owner, and left where the caller gives up", async () => {
    const store = await storeOf(before);
    const signal = { aborted: false };
    const seen: unknown[] = [];
    const watch = watchOf({
      signal,
      onProgress: ({ task, done, total }) => {
        seen.push([task, done, total]);
        if (done === 1) signal.aborted = true;
      },
    });
    await expect(migrateRecords(store, NEWER, watch)).rejects.toThrow(mlsError("ERR_MLS_ABORTED"));
    expect(seen).toEqual([
      ["records", 0, 3],
      ["records", 1, 3],
    ]);
    signal.aborted = false;
    expect((await migrateRecords(store, NEWER)).rewritten).toBeLessThan(303);
    expect(store.entries()).toEqual((await storeOf(after)).entries());
  });

  it("are not written over what somebody else wrote meanwhile", async () => {
    const store = await storeOf(before);
    let once = true;
    const racing: StorageProvider = {
      ...ending(store, 0, false),
      write: async (batch) => {
        if (once) {
          once = false;
          await store.write({ puts: [record("a", "x", 5, 4, 9, 9, 2)] });
        }
        await store.write(batch);
      },
    };
    await migrateRecords(racing, NEWER);
    const { key } = record("a", "x", 5);
    expect(await store.get(key)).toEqual(Uint8Array.of(4, 9, 9, 2));
    expect(await store.get(record("a", "x", 6).key)).toEqual(Uint8Array.of(4, 6, 7, 2));
  });

  it("are refused by name where they are newer, or older than can be read", async () => {
    for (const format of [0, 1, 5, 255]) {
      const store = await storeOf([record("a", "x", 1, format, 1)]);
      await expect(migrateRecords(store, NEWER)).rejects.toThrow(
        `a record of a: format ${format}; this release reads 2 to 4`,
      );
    }
    const empty = await storeOf([record("a", "x", 1)]);
    await expect(migrateRecords(empty, NEWER)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
  });
});

describe("the store of 0.1.0", () => {
  const { stores, facts } = readGolden(
    readFileSync(new URL("../../golden/0.1.0.txt", import.meta.url), "utf8"),
  );

  it("is migrated while its group is in use, and says the same", async () => {
    const provider = goldenProvider(await storeOf(stores["alice"]!));
    const group = (await MlsGroup.load(provider, facts["groupId"]!))!;
    const listed = await MlsGroup.list(provider);
    expect(await migrateStore(provider)).toEqual({ owners: 1, rewritten: 1 });
    expect(await migrateStore(provider)).toEqual({ owners: 1, rewritten: 0 });
    expect(await MlsGroup.list(provider)).toEqual(listed);
    expect(group.isRestored).toBe(false);
    await group.mergePendingCommit();
    const again = (await MlsGroup.load(provider, facts["groupId"]!))!;
    expect(again.epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("is written in the present formats where it changes, without a migration", async () => {
    const provider = goldenProvider(await storeOf(stores["alice"]!));
    await (await MlsGroup.load(provider, facts["groupId"]!))!.mergePendingCommit();
    expect(await migrateStore(provider)).toEqual({ owners: 1, rewritten: 0 });
  });

  it("has a join that waits, whose records are of the older format too once they are the group's", async () => {
    const provider = goldenProvider(await storeOf(stores["bob"]!));
    await migrateStore(provider);
    const join = (await MlsGroup.pendingExternalJoin(provider, facts["groupId"]!))!;
    const group = await join.intoGroup();
    expect([group.epoch, group.isRestored]).toEqual([join.epoch, false]);
    expect(await migrateStore(provider)).toEqual({ owners: 1, rewritten: 1 });
    expect((await MlsGroup.load(provider, facts["groupId"]!))?.epoch).toBe(join.epoch);
  });

  it("tells careless callers", async () => {
    const provider = goldenProvider(memoryStorage());
    await expect(migrateStore({ crypto: nodeCrypto() } as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    await expect(migrateStore(provider, { signal: 1 } as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
