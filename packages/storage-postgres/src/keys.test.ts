import { compareBytes, utf8 } from "@openmls-ts/traits";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  distinctOwners,
  fromHex,
  lastOfEach,
  longOwner,
  nameOf,
  ownerKey,
  toBuffer,
  upperBound,
} from "./keys.ts";

describe("the key of an owner", () => {
  it("is the owner up to 1024 octets, and longer than that for every other", () => {
    for (const length of [0, 1, 1024]) {
      const owner = new Uint8Array(length).fill(3);
      expect(new Uint8Array(ownerKey(owner))).toEqual(owner);
      expect(longOwner(owner)).toBeNull();
    }
    const keys = [1025, 1026, 65535].map((length) => ownerKey(new Uint8Array(length).fill(3)));
    expect(keys.map(({ length }) => length)).toEqual([1056, 1056, 1056]);
    expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(3);
    expect(longOwner(new Uint8Array(1025))).toHaveLength(1025);
  });
});

describe("the upper bound of a prefix", () => {
  it.each([
    [[], undefined],
    [[0xff, 0xff], undefined],
    [
      [1, 2],
      [1, 3],
    ],
    [[1, 0xff], [2]],
    [[0, 0xff, 0xff], [1]],
  ])("%j is %j", (prefix, bound) => {
    const found = new Uint8Array(upperBound(Uint8Array.from(prefix)));
    expect(found).toEqual(bound === undefined ? new Uint8Array(1025).fill(0xff) : Uint8Array.from(bound));
  });

  it("is above the longest id under it", () => {
    const id = new Uint8Array(1024).fill(0xff);
    expect(compareBytes(new Uint8Array(upperBound(id)), id)).toBeGreaterThan(0);
    expect(compareBytes(new Uint8Array(upperBound(new Uint8Array(0))), id)).toBeGreaterThan(0);
  });
});

describe("records", () => {
  it("of one key give way to the last of them", () => {
    const record = (
      id: string,
      value: number,
    ): { key: { table: string; owner: Uint8Array; id: Uint8Array }; value: number } => ({
      key: { table: "t", owner: utf8("o"), id: utf8(id) },
      value,
    });
    const kept = lastOfEach([record("a", 1), record("b", 2), record("a", 3)]);
    expect(kept.map(({ value }) => value).sort()).toEqual([2, 3]);
  });

  it("have names of their own where owner and id join to the same octets", () => {
    const name = (owner: string, id: string): string =>
      nameOf({ table: "t", owner: utf8(owner), id: utf8(id) });
    expect(name("ab", "c")).not.toBe(name("a", "bc"));
  });
});

describe("bytes", () => {
  it("of another realm and from the middle of a buffer become a Buffer", () => {
    const foreign = runInNewContext("new Uint8Array([9, 1, 2]).subarray(1)") as Uint8Array;
    expect([...toBuffer(foreign)]).toEqual([1, 2]);
  });

  it("come from hexadecimal text in memory of their own", () => {
    const bytes = fromHex("0aff");
    expect(bytes).toEqual(Uint8Array.of(10, 255));
    expect(bytes.buffer.byteLength).toBe(2);
    expect(fromHex("")).toEqual(new Uint8Array(0));
  });

  it("of equal owners in a row count once", () => {
    expect(distinctOwners([utf8("a"), utf8("a"), utf8("b")])).toEqual([utf8("a"), utf8("b")]);
  });
});
