import { memoryStorage } from "@openmls-ts/storage-memory";
import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, MlsError } from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encryptedStorage } from "./index.ts";
import type { EncryptedStorage } from "./index.ts";
import { keyOf, recordOf } from "./testing/hostile.ts";
import { someBytes, someCryptoKey, somePassphrase } from "./testing/keys.ts";

const OWNERS = ["a", "b", "c", "d"];

async function filled(): Promise<{ readonly inner: MemoryStorage; readonly store: EncryptedStorage }> {
  const inner = memoryStorage();
  const store = await encryptedStorage(inner, someBytes());
  const puts = OWNERS.flatMap((owner) => ["1", "2", "3"].map((id) => recordOf(id, `${owner}${id}`, owner)));
  await store.write({ puts });
  return { inner, store };
}

/** All that is in a store, for people. */
async function contents(store: StorageProvider): Promise<string[]> {
  const lists = await Promise.all(OWNERS.map(async (owner) => store.list(keyOf("", owner))));
  return lists.flat().map(({ value }) => String.fromCharCode(...value));
}

const ALL = OWNERS.flatMap((owner) => ["1", "2", "3"].map((id) => `${owner}${id}`));

/** Names and values of the inner store. */
function traces(inner: MemoryStorage): Set<string> {
  return new Set(inner.entries().flatMap(({ key, value }) => [bytesToHex(key.id), bytesToHex(value)]));
}

/** The same store to a process that dies at its n-th write from now on, before or after that is done. */
function mortal(inner: MemoryStorage, writes: number, after: boolean): StorageProvider {
  let left = writes;
  const dead = (): MlsError => new MlsError("ERR_MLS_STORAGE", "the process is dead");
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left < 0) {
      throw dead();
    }
    return call();
  };
  return {
    name: "mortal",
    get: async (key) => alive(async () => inner.get(key)),
    list: async (prefix) => alive(async () => inner.list(prefix)),
    listOwners: async (table) => alive(async () => inner.listOwners(table)),
    write: async (batch) =>
      alive(async () => {
        left--;
        if (left >= 0 || after) {
          await inner.write(batch);
        }
        if (left < 0) {
          throw dead();
        }
      }),
  };
}

describe("rotating the data key", () => {
  it("leaves nothing under the old one, and no old name", async () => {
    const { inner, store } = await filled();
    const before = traces(inner);
    await store.rotate();
    expect(store.rotating).toBe(false);
    const constant = new Set(["head", "header"].map((text) => Buffer.from(text).toString("hex")));
    expect([...traces(inner)].filter((trace) => before.has(trace) && !constant.has(trace))).toEqual([]);
    expect(await contents(store)).toEqual(ALL);
    expect(await contents(await encryptedStorage(inner, someBytes()))).toEqual(ALL);
    await store.rotate();
    await store.verify();
  });

  // One write begins, one a partition, one ends.
  const crashes = Array.from({ length: OWNERS.length + 2 }, (_, writes) => writes);
  it.each(crashes.flatMap((writes) => [[writes, false] as const, [writes, true] as const]))(
    "goes on after a process has died at write %d (written: %s)",
    async (writes, after) => {
      const { inner } = await filled();
      const before = traces(inner);
      const dying = await encryptedStorage(mortal(inner, writes, after), someBytes());
      await expect(dying.rotate()).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });

      const next = await encryptedStorage(inner, someBytes());
      expect(next.rotating).toBe((writes > 0 || after) && !(writes === OWNERS.length + 1 && after));
      expect(await contents(next)).toEqual(ALL);
      await next.write({ puts: [recordOf("4", "new", "a")], deletes: [keyOf("1", "b")] });
      await next.rotate();
      expect(next.rotating).toBe(false);
      await next.verify();
      expect(await contents(next)).toEqual(
        ALL.flatMap((each) => (each === "b1" ? [] : each === "a3" ? ["a3", "new"] : [each])),
      );
      expect([...traces(inner)].filter((trace) => before.has(trace))).toHaveLength(2); // header and head
    },
  );

  it("lets others read and write meanwhile, through this handle and another", async () => {
    const { inner, store } = await filled();
    const other = await encryptedStorage(inner, someBytes());
    const work = async (handle: StorageProvider, owner: string): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        await handle.write({ puts: [recordOf("1", `${owner}1`, owner)] });
        expect(await contents(handle)).toEqual(ALL);
      }
    };
    await Promise.all([store.rotate(), other.rotate(), work(store, "b"), work(other, "d")]);
    expect([store.rotating, other.rotating]).toEqual([false, false]);
    await other.verify();
  });
});

describe("another key for the same store", () => {
  it.each([
    ["a passphrase", async () => somePassphrase()],
    ["a CryptoKey", someCryptoKey],
    ["other bytes", async () => someBytes(8)],
  ])("can be %s, and the one before opens it no longer", async (_, make) => {
    const { inner, store } = await filled();
    const reader = await encryptedStorage(inner, someBytes());
    const key = await make();
    await store.changeKey(key);
    await store.rotate();
    expect(await contents(store)).toEqual(ALL);
    expect(await contents(await encryptedStorage(inner, key))).toEqual(ALL);
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject({ code: "ERR_MLS_DECRYPTION" });
    await expect(contents(reader)).rejects.toMatchObject({ code: "ERR_MLS_DECRYPTION" });
  });

  it("is not in force when writing fails", async () => {
    const { inner } = await filled();
    const dying = await encryptedStorage(mortal(inner, 0, false), someBytes());
    await expect(dying.changeKey(someBytes(8))).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });
    expect(await contents(await encryptedStorage(inner, someBytes()))).toEqual(ALL);
  });
});
