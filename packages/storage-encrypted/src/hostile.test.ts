import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { memoryStorage } from "@openmls-ts/storage-memory";
import type { StorageProvider, StorageRecord } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encryptedStorage } from "./index.ts";
import type { StoreFault } from "./index.ts";
import { changedSince, keyOf, newVictim, recordOf, recordsIn, restore } from "./testing/hostile.ts";
import { someBytes } from "./testing/keys.ts";

function fault(reason: StoreFault): object {
  return { code: "ERR_MLS_STORAGE", details: { reason } };
}

/** Reads everything that the victim wrote. */
async function readAll(store: StorageProvider): Promise<void> {
  for (const owner of ["o", "p"]) {
    for (const table of ["t", "u"]) {
      for (const id of ["a", "b", "c", "x"]) {
        await store.get(keyOf(id, owner, table));
      }
      await store.list(keyOf("", owner, table));
    }
  }
}

/** That both the handle that wrote and one that is opened anew refuse what they find. */
async function expectFault(
  tamper: (inner: MemoryStorage, data: readonly StorageRecord[]) => Promise<void>,
  reason: StoreFault,
  live: StoreFault = reason,
): Promise<void> {
  const { inner, store } = await newVictim();
  await readAll(store);
  await tamper(inner, recordsIn(inner, "encrypted_data"));
  await expect(readAll(store)).rejects.toMatchObject(fault(live));
  await expect(store.verify()).rejects.toMatchObject(fault(reason));
  const opened = encryptedStorage(inner, someBytes()).then(readAll);
  await expect(opened).rejects.toMatchObject(fault(reason));
}

const same = (a: StorageRecord, b: StorageRecord): boolean =>
  a.key.owner.join() === b.key.owner.join() && a !== b;

describe("a hostile store is found out", () => {
  it("that swaps two records", async () => {
    await expectFault(async (inner, data) => {
      const first = data.find((each) => data.some((other) => same(each, other)))!;
      const second = data.find((each) => same(each, first))!;
      await inner.write({
        puts: [
          { key: first.key, value: second.value },
          { key: second.key, value: first.value },
        ],
      });
    }, "damaged");
  });

  it("that renames a record", async () => {
    await expectFault(
      async (inner, data) => {
        const { key, value } = data[0]!;
        const id = new Uint8Array(key.id).fill(9);
        await inner.write({ deletes: [key], puts: [{ key: { ...key, id }, value }] });
      },
      "damaged",
      "missing",
    );
  });

  it("that moves a record to another owner", async () => {
    await expectFault(async (inner, data) => {
      const [one] = data;
      const other = data.find(({ key }) => key.owner.join() !== one!.key.owner.join())!;
      await inner.write({ puts: [{ key: { ...one!.key, owner: other.key.owner }, value: one!.value }] });
    }, "damaged");
  });

  it.each([0, 3, 20, 43, 51])("that cuts a record to %d bytes", async (length) => {
    await expectFault(async (inner, data) => {
      await inner.write({ puts: data.map(({ key, value }) => ({ key, value: value.slice(0, length) })) });
    }, "damaged");
  });

  it("that deletes a record", async () => {
    await expectFault(async (inner, data) => {
      await inner.write({ deletes: [data[0]!.key] });
    }, "missing");
  });

  it("that changes any single byte of anything", async () => {
    const { inner } = await newVictim();
    for (const { key, value } of inner.entries()) {
      const [from] = key.id.length === 6 ? [1] : [0]; // the header's format is another matter
      for (let at = from; at < value.length; at++) {
        const other = inner.snapshot();
        const changed = value.slice();
        changed[at]! ^= 0x10;
        await other.write({ puts: [{ key, value: changed }] });
        const opened = encryptedStorage(other, someBytes()).then(readAll);
        await expect(opened).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_MLS_(STORAGE|DECRYPTION)$/) as string,
        });
      }
    }
  });

  it("that brings back an older writing of any record, or of all but the head", async () => {
    const { inner, store } = await newVictim();
    const before = inner.snapshot();
    await store.write({ puts: [recordOf("a", "changed")], deletes: [keyOf("b")] });
    const after = inner.snapshot();
    const olds = changedSince(after, before).filter(({ key }) => key.table !== "encrypted");
    expect(olds).toHaveLength(3); // two records and their partition
    for (const puts of [...olds.map((old) => [old]), olds]) {
      await restore(inner, after);
      await inner.write({ puts });
      await expect(encryptedStorage(inner, someBytes()).then(readAll)).rejects.toMatchObject(
        fault("replayed"),
      );
      // A handle that is open knows its partitions, and does not read them again.
      if (puts.some(({ key }) => key.table === "encrypted_data")) {
        await expect(store.verify()).rejects.toMatchObject(fault("replayed"));
      }
    }
    await restore(inner, after);
    await store.verify();
  });

  it("that brings back an older head", async () => {
    const { inner, store } = await newVictim();
    const before = inner.snapshot();
    await store.write({ puts: [recordOf("a", "changed")] });
    const [head] = changedSince(inner, before).filter(({ key }) => key.table === "encrypted");
    await inner.write({ puts: [{ key: head!.key, value: (await before.get(head!.key))! }] });
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject(fault("replayed"));
    await expect(store.get(keyOf("a"))).rejects.toMatchObject(fault("rolled-back"));
  });

  it("that is rolled back as a whole, by whoever has seen it newer", async () => {
    const { inner, store } = await newVictim();
    const before = inner.snapshot();
    await store.write({ puts: [recordOf("a", "changed")] });
    const atLeast = store.version;
    await restore(inner, before);
    await expect(store.get(keyOf("a"))).rejects.toMatchObject(fault("rolled-back"));
    await expect(store.write({ puts: [recordOf("a", "again")] })).rejects.toMatchObject(fault("rolled-back"));
    const opened = encryptedStorage(inner, someBytes(), { atLeast });
    await expect(opened).rejects.toMatchObject(fault("rolled-back"));
    // Nobody else can know.
    const trusting = await encryptedStorage(inner, someBytes());
    expect(await trusting.get(keyOf("a"))).toEqual(utf8("one"));
  });

  it("that is another branch of the same store", async () => {
    const { inner, store } = await newVictim();
    const branch = inner.snapshot();
    const other = await encryptedStorage(branch, someBytes());
    await store.write({ puts: [recordOf("a", "here")] });
    await other.write({ puts: [recordOf("a", "there")] });
    await restore(inner, branch);
    await expect(store.get(keyOf("a"))).rejects.toMatchObject(fault("rolled-back"));
  });

  it("that is emptied, by whoever has kept its version", async () => {
    const { store } = await newVictim();
    const opened = encryptedStorage(memoryStorage(), someBytes(), { atLeast: store.version });
    await expect(opened).rejects.toMatchObject(fault("rolled-back"));
  });

  it.each(["head", "header"])("that loses its %s", async (id) => {
    const { inner } = await newVictim();
    await inner.write({ deletes: [{ table: "encrypted", owner: utf8(""), id: utf8(id) }] });
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject(fault("missing"));
  });

  it("that loses both, or even the partitions", async () => {
    const { inner } = await newVictim();
    await inner.write({ deletePrefixes: [{ table: "encrypted", owner: utf8(""), id: utf8("") }] });
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject(fault("missing"));
    await inner.write({ deletePrefixes: [{ table: "encrypted_part", owner: utf8(""), id: utf8("") }] });
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject(fault("missing"));
  });

  it("that says the format is a newer one", async () => {
    const { inner } = await newVictim();
    const key = { table: "encrypted", owner: utf8(""), id: utf8("header") };
    await inner.write({ puts: [{ key, value: Uint8Array.of(2, 0, 0) }] });
    await expect(encryptedStorage(inner, someBytes())).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE_FORMAT",
      details: { table: "encrypted" },
    });
  });

  it("that refuses every write as a conflict, which ends", async () => {
    const { inner, store } = await newVictim();
    inner.write = async () => memoryStorage().write({ expect: [recordOf("a", "never")] });
    await expect(store.write({ puts: [recordOf("a", "2")] })).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE_CONFLICT",
    });
  });

  it("that throws what it likes", async () => {
    const { inner, store } = await newVictim();
    inner.get = async () => Promise.reject(new TypeError("no"));
    await expect(store.get(keyOf("a"))).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });
    inner.get = async () => "text" as unknown as Uint8Array;
    await expect(store.get(keyOf("a"))).rejects.toMatchObject(fault("missing"));
  });
});
