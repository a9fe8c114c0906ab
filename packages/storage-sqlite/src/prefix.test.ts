import { describe, expect, it } from "vitest";
import { prefixUpperBound } from "./prefix.ts";

describe("prefixUpperBound", () => {
  it.each<[number[], number[] | undefined]>([
    [[], undefined],
    [[0xff], undefined],
    [[0xff, 0xff], undefined],
    [[0], [1]],
    [[0xfe], [0xff]],
    [
      [1, 2],
      [1, 3],
    ],
    [[1, 0xff], [2]],
    [[1, 0xff, 0xff], [2]],
    [
      [0xff, 1],
      [0xff, 2],
    ],
    [
      [0xff, 0xfe, 0xff],
      [0xff, 0xff],
    ],
  ])("of %j is %j", (prefix, bound) => {
    const given = Uint8Array.from(prefix);
    const found = prefixUpperBound(given);
    expect(found === undefined ? undefined : [...found]).toEqual(bound);
    expect([...given]).toEqual(prefix);
  });
});
