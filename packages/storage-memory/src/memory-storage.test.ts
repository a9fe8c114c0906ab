import { utf8 } from "@openmls-ts/traits";
import type { StorageRecord } from "@openmls-ts/traits";
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

  it("hands out plain arrays when it is given Node buffers", async () => {
    const storage = memoryStorage();
    const id = Buffer.from("id");
    const key = { table: "t", owner: Buffer.from("owner"), id };
    await storage.write({ puts: [{ key, value: Buffer.from("value") }] });
    id.fill(0);
    const [found] = storage.entries();
    expect(found?.value).toStrictEqual(utf8("value"));
    expect(found?.key).toStrictEqual({ table: "t", owner: utf8("owner"), id: utf8("id") });
  });
});
