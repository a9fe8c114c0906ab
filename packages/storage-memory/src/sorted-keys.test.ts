import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

describe("SortedKeys", () => {
  it("behaves like a sorted set", () => {
    const key = fc.string({ unit: fc.constantFrom("\u0000", "a", "b", "\u00ff"), maxLength: 3 });
    const step = fc.record({ add: fc.boolean(), key });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), key, (steps, prefix) => {
        const keys = new SortedKeys();
        const model = new Set<string>();
        for (const { add, key } of steps) {
          if (add) {
            keys.add(key);
            model.add(key);
          } else {
            keys.delete(key);
            model.delete(key);
          }
        }
        const sorted = [...model].sort();
        expect(keys.withPrefix("")).toEqual(sorted);
        expect(keys.withPrefix(prefix)).toEqual(sorted.filter((other) => other.startsWith(prefix)));
      }),
    );
  });

  it.each([
    ["ascending", (i: number) => i],
    ["descending", (i: number) => 4999 - i],
    ["scattered", (i: number) => (i * 7919) % 5000],
  ])("keeps 5000 keys that arrive %s in order, and loses them again", (_, at) => {
    const name = (i: number): string => String(at(i)).padStart(4, "0");
    const keys = new SortedKeys();
    const names = Array.from({ length: 5000 }, (_, i) => name(i));
    names.forEach((key) => keys.add(key));
    names.forEach((key) => keys.add(key));
    const sorted = [...names].sort();
    expect(keys.withPrefix("")).toEqual(sorted);
    expect(keys.withPrefix("12")).toEqual(sorted.slice(1200, 1300));
    names.forEach((key, i) => {
      if (i % 2 === 0) {
        keys.delete(key);
      }
    });
    expect(keys.withPrefix("")).toEqual(names.filter((_, i) => i % 2 === 1).sort());
    names.forEach((key) => keys.delete(key));
    expect(keys.withPrefix("")).toEqual([]);
  });
});
