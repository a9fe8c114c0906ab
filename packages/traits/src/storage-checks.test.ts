import { describe, expect, it } from "vitest";
import { checkStorageBatch, checkStorageKey, checkStorageTable } from "./storage-checks.ts";

const key = (table: string, owner = 0, id = 0): Parameters<typeof checkStorageKey>[0] => ({
  table,
  owner: new Uint8Array(owner),
  id: new Uint8Array(id),
});
const usage = expect.objectContaining({ code: "ERR_MLS_USAGE" }) as unknown as Error;

describe("storage key limits", () => {
  it("accepts keys up to the limits", () => {
    expect(() => checkStorageKey(key("a"))).not.toThrow();
    expect(() => checkStorageKey(key("Az09_-".padEnd(64, "x"), 65535, 1024))).not.toThrow();
  });

  it.each(["", "a b", "a\n", "é", "a".repeat(65), "a.b", "a/b"])("refuses the table name %j", (table) => {
    expect(() => checkStorageTable(table)).toThrow(usage);
  });

  it("refuses an owner or id that is too long or no byte string", () => {
    expect(() => checkStorageKey(key("a", 65536))).toThrow(usage);
    expect(() => checkStorageKey(key("a", 0, 1025))).toThrow(usage);
    const text = "owner" as unknown as Uint8Array;
    expect(() => checkStorageKey({ ...key("a"), owner: text })).toThrow(usage);
  });

  it("looks at every part of a batch", () => {
    const bad = key("");
    const value = new Uint8Array(1);
    expect(() => checkStorageBatch({})).not.toThrow();
    expect(() => checkStorageBatch({ expect: [{ key: key("a"), value: undefined }] })).not.toThrow();
    expect(() => checkStorageBatch({ expect: [{ key: bad, value: undefined }] })).toThrow(usage);
    expect(() => checkStorageBatch({ deletePrefixes: [bad] })).toThrow(usage);
    expect(() => checkStorageBatch({ deletes: [bad] })).toThrow(usage);
    expect(() => checkStorageBatch({ puts: [{ key: bad, value }] })).toThrow(usage);
    const text = "value" as unknown as Uint8Array;
    expect(() => checkStorageBatch({ puts: [{ key: key("a"), value: text }] })).toThrow(usage);
    expect(() => checkStorageBatch({ expect: [{ key: key("a"), value: text }] })).toThrow(usage);
  });
});
