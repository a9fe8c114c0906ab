import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBDatabase, IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { type MlsError, utf8 } from "@openmls-ts/traits";
import type { StorageKey, StorageRecord } from "@openmls-ts/traits";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deleteIndexedDbStorage, indexedDbStorage } from "./index.ts";
import { failureOf } from "./testing/failures.ts";

const name = "alice";
const storage = "ERR_MLS_STORAGE";

function keyOf(id: string): StorageKey {
  return { table: "t", owner: utf8("o"), id: utf8(id) };
}

function record(id: string, value: string): StorageRecord {
  return { key: keyOf(id), value: utf8(value) };
}

/** A method by itself, to be called on objects of its class. */
function methodOf<T extends object, K extends keyof T>(prototype: T, name: K): T[K] {
  return prototype[name];
}

/** Databases that were opened, so that the browser's part can be played. */
let opened: IDBDatabase[] = [];

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  opened = [];
  const open = globalThis.indexedDB.open.bind(globalThis.indexedDB);
  vi.spyOn(globalThis.indexedDB, "open").mockImplementation((...args) => {
    const request = open(...args);
    request.addEventListener("success", () => opened.push(request.result));
    return request;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The browser closes the connection that was opened last. */
async function terminate(): Promise<void> {
  forceCloseDatabase(opened.at(-1) as never); // its type asks for the class
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a store", () => {
  it("says whether it was made now", async () => {
    const first = await indexedDbStorage({ name });
    const second = await indexedDbStorage({ name });
    expect([first.created, second.created]).toEqual([true, false]);
    expect(first).toMatchObject({ name: "indexeddb", databaseName: name, durability: "strict" });
  });

  it("asks for the durability that it was told", async () => {
    const asked = vi.spyOn(IDBDatabase.prototype, "transaction");
    for (const durability of ["strict", "relaxed"] as const) {
      const store = await indexedDbStorage({ name, durability });
      await store.write({ puts: [record("a", "1")] });
      expect(asked).toHaveBeenLastCalledWith("openmls_records", "readwrite", { durability });
    }
  });

  it("is refused where strict durability is not to be had", async () => {
    const begin = methodOf(IDBDatabase.prototype, "transaction");
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (
      this: IDBDatabase,
      names,
      mode,
    ) {
      return begin.call(this, names, mode);
    });
    expect((await failureOf(indexedDbStorage({ name }))).code).toBe("ERR_MLS_UNSUPPORTED_RUNTIME");
    await expect(indexedDbStorage({ name, durability: "relaxed" })).resolves.toBeDefined();
  });

  it("does not make a database where there must be one", async () => {
    expect(await failureOf(indexedDbStorage({ name, create: false }))).toEqual({
      code: storage,
      reason: "missing",
    });
    expect(await globalThis.indexedDB.databases()).toEqual([]);
    await indexedDbStorage({ name });
    await expect(indexedDbStorage({ name, create: false })).resolves.toMatchObject({ created: false });
  });

  it("that was closed rejects everything, and lets what has begun end", async () => {
    const onEnd = vi.fn();
    const store = await indexedDbStorage({ name, onEnd });
    const write = store.write({ puts: [record("a", "1")] });
    store.close();
    store.close();
    await write;
    for (const call of [
      store.get(keyOf("a")),
      store.list(keyOf("")),
      store.listOwners("t"),
      store.write({}),
    ]) {
      expect(await failureOf(call)).toEqual({ code: storage, reason: "closed" });
    }
    expect(onEnd).not.toHaveBeenCalled();
    const again = await indexedDbStorage({ name });
    expect(await again.get(keyOf("a"))).toEqual(utf8("1"));
  });

  it("refuses a full disk with nothing changed", async () => {
    const store = await indexedDbStorage({ name });
    await store.write({ puts: [record("a", "1")] });
    const put = methodOf(IDBObjectStore.prototype, "put");
    const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      if (full.mock.calls.length > 1) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, args);
    });
    const write = store.write({ deletes: [keyOf("a")], puts: [record("b", "2"), record("c", "3")] });
    expect(await failureOf(write)).toEqual({ code: storage, reason: "quota" });
    full.mockRestore();
    expect(await store.list(keyOf(""))).toEqual([record("a", "1")]);
  });

  it("refuses a record that is not bytes, and writes nothing over it", async () => {
    const store = await indexedDbStorage({ name });
    const other = await openDB(name);
    await other.put("openmls_records", "text", ["t", Uint8Array.of(0x6f), Uint8Array.of(0x61)]);
    other.close();
    const failed = { code: storage, reason: "damaged" };
    expect(await failureOf(store.get(keyOf("a")))).toEqual(failed);
    expect(await failureOf(store.list(keyOf("")))).toEqual(failed);
    const expectation = { expect: [{ key: keyOf("a"), value: undefined }], puts: [record("a", "1")] };
    expect(await failureOf(store.write(expectation))).toEqual(failed);
  });
});

describe("a database that is taken away", () => {
  it("by another tab that deletes it ends the store", async () => {
    const onEnd = vi.fn<(error: MlsError) => void>();
    const store = await indexedDbStorage({ name, onEnd });
    await deleteIndexedDbStorage(name);
    expect(await failureOf(store.get(keyOf("a")))).toEqual({ code: storage, reason: "deleted" });
    expect(onEnd.mock.calls.map(([error]) => error.details?.reason)).toEqual(["deleted"]);
    expect(await globalThis.indexedDB.databases()).toEqual([]);
  });

  it("by the browser is opened again at the next call", async () => {
    const onEnd = vi.fn();
    const store = await indexedDbStorage({ name, onEnd });
    await store.write({ puts: [record("a", "1")] });
    await terminate();
    const [read, list] = await Promise.all([store.get(keyOf("a")), store.list(keyOf(""))]);
    expect([read, list]).toEqual([utf8("1"), [record("a", "1")]]);
    expect(opened).toHaveLength(2);
    await terminate();
    await store.write({ puts: [record("b", "2")] });
    expect(onEnd).not.toHaveBeenCalled();
    store.close();
    expect(await failureOf(store.get(keyOf("a")))).toEqual({ code: storage, reason: "closed" });
  });

  it("with everything in it is lost, and nothing is made in its place", async () => {
    const onEnd = vi.fn();
    const store = await indexedDbStorage({ name, onEnd });
    await terminate();
    await deleteIndexedDbStorage(name);
    const lost = { code: storage, reason: "lost" };
    expect(await failureOf(store.get(keyOf("a")))).toEqual(lost);
    expect(await failureOf(store.write({ puts: [record("a", "1")] }))).toEqual(lost);
    expect(await globalThis.indexedDB.databases()).toEqual([]);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it("and made anew by another tab is lost as well", async () => {
    const store = await indexedDbStorage({ name });
    await terminate();
    await deleteIndexedDbStorage(name);
    const other = await indexedDbStorage({ name });
    expect(await failureOf(store.write({ puts: [record("a", "1")] }))).toEqual({
      code: storage,
      reason: "lost",
    });
    expect(await other.list(keyOf(""))).toEqual([]);
  });

  it("while a connection is being opened again stays closed", async () => {
    const store = await indexedDbStorage({ name });
    await terminate();
    const read = store.get(keyOf("a"));
    store.close();
    expect(await failureOf(read)).toEqual({ code: storage, reason: "closed" });
    await expect(deleteIndexedDbStorage(name)).resolves.toBeUndefined(); // nothing keeps it open
  });
});

describe("a runtime", () => {
  it("without IndexedDB is not supported", async () => {
    vi.stubGlobal("indexedDB", undefined);
    expect((await failureOf(indexedDbStorage({ name }))).code).toBe("ERR_MLS_UNSUPPORTED_RUNTIME");
    expect((await failureOf(deleteIndexedDbStorage(name))).code).toBe("ERR_MLS_UNSUPPORTED_RUNTIME");
    vi.unstubAllGlobals();
  });

  it.each(["SecurityError", "InvalidStateError"])("that says %s denies a database", async (error) => {
    vi.spyOn(globalThis.indexedDB, "open").mockImplementation(() => {
      throw new DOMException("not here", error);
    });
    expect(await failureOf(indexedDbStorage({ name }))).toEqual({ code: storage, reason: "denied" });
  });
});

it.each([
  [undefined, "options.name"],
  [{}, "options.name"],
  [{ name: "" }, "options.name"],
  [{ name, durability: "default" }, "options.durability"],
  [{ name, create: 1 }, "options.create"],
  [{ name, blockedTimeout: -1 }, "options.blockedTimeout"],
  [{ name, onEnd: "x" }, "options.onEnd"],
  [{ name, version: 2 }, "options.version"],
  ["alice", "options"],
])("options %o are refused by name", async (options, argument) => {
  await expect(indexedDbStorage(options as never)).rejects.toMatchObject({
    code: "ERR_MLS_USAGE",
    details: { argument },
  });
});
