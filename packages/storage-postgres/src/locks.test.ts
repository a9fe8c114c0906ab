import { utf8 } from "@openmls-ts/traits";
import type { StorageKey } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { lockNumber, locksOf } from "./locks.ts";

function key(owner: string, table = "t"): StorageKey {
  return { table, owner: utf8(owner), id: utf8("i") };
}

describe("the locks of a batch", () => {
  it("are one for each owner in any part of it, whatever the table, in ascending order", () => {
    const value = utf8("v");
    const locks = locksOf("scope", {
      expect: [{ key: key("a"), value: undefined }],
      deletePrefixes: [key("b")],
      deletes: [key("c"), key("a", "u")],
      puts: [{ key: key("d"), value }],
    });
    const wanted = ["a", "b", "c", "d"].map((owner) => lockNumber("scope", utf8(owner)));
    expect(locks).toHaveLength(4);
    expect(new Set(locks)).toEqual(new Set(wanted));
    expect(locks.every((lock, i) => i === 0 || lock > locks[i - 1]!)).toBe(true);
  });

  it("differ by store, and from the one of the schema", () => {
    const numbers = [
      lockNumber("s 1", utf8("a")),
      lockNumber("s 2", utf8("a")),
      lockNumber("s 1"),
      lockNumber("s 1", utf8("")),
    ];
    expect(new Set(numbers).size).toBe(4);
  });

  it("fit PostgreSQL's bigint", () => {
    const locks = Array.from({ length: 50 }, (_, i) => lockNumber("s", Uint8Array.of(i)));
    expect(locks.every((lock) => BigInt.asIntN(64, lock) === lock)).toBe(true);
    expect(locks.some((lock) => lock < 0n)).toBe(true);
  });

  it("of nothing are none", () => {
    expect(locksOf("s", {})).toEqual([]);
  });
});
