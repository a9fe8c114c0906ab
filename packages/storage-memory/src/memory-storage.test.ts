import { utf8 } from "@openmls-ts/traits";
import type { StorageRecord } from "@openmls-ts/traits";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { memoryStorage } from "./index.ts";

function record(table: string, owner: string, id: string, value: string): StorageRecord {
  return { key: { table, owner: utf8(owner), id: utf8(id) }, value: utf8(value) };
}

describe("memoryStorage", () => {
  it("shows its whole state in order", async () => {
    const storage = memoryStorage();
    const ordered = [
      record("A", "b", "c", "1"),
      record("a", "", "z", "2"),
      record("a", "o", "b", "3"),
      record("a", "o", "c", "4"),
    ];
    await storage.write({ puts: [...ordered].reverse() });
    expect(storage.entries()).toEqual(ordered);
  });

  it("shows copies of its state", async () => {
    const storage = memoryStorage();
    await storage.write({ puts: [record("a", "o", "i", "value")] });
    storage.entries()[0]?.value.fill(0);
    expect(storage.entries()).toEqual([record("a", "o", "i", "value")]);
  });

  it("takes snapshots that go their own way", async () => {
    const storage = memoryStorage();
    await storage.write({ puts: [record("a", "o", "i", "before")] });
    const snapshot = storage.snapshot();
    await storage.write({ puts: [record("a", "o", "i", "after"), record("b", "o", "i", "")] });
    expect(snapshot.entries()).toEqual([record("a", "o", "i", "before")]);
    await snapshot.write({ deletes: [record("a", "o", "i", "").key] });
    expect(snapshot.entries()).toEqual([]);
    expect(storage.entries()).toHaveLength(2);
  });

  it.each<[string, (text: string) => Uint8Array]>([
    ["Node buffers", (text) => Buffer.from(text)],
    ["arrays of another realm", foreign],
  ])("hands out plain arrays of its own when it is given %s", async (_, make) => {
    const storage = memoryStorage();
    const key = { table: "t", owner: make("owner"), id: make("id") };
    await storage.write({ puts: [{ key, value: make("value") }] });
    await storage.write({ expect: [{ key, value: make("value") }] });
    expect(await storage.get(key)).toStrictEqual(utf8("value"));
    const expected = [record("t", "owner", "id", "value")];
    expect(await storage.list({ ...key, id: make("i") })).toStrictEqual(expected);
    expect(await storage.listOwners("t")).toStrictEqual([utf8("owner")]);
    key.id.fill(0);
    key.owner.fill(0);
    expect(storage.entries()).toStrictEqual(expected);
    await storage.write({ deletePrefixes: [record("t", "owner", "id", "").key] });
    expect(storage.entries()).toEqual([]);
  });
});

function foreign(text: string): Uint8Array {
  const octets = [...utf8(text)];
  return runInNewContext("Uint8Array.from(octets)", { octets }) as Uint8Array;
}
