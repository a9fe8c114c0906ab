import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VersionedMap } from "./versioned-map.ts";

describe("versioned map", () => {
  it("keeps all forks apart, in whatever order they are used", () => {
    const action = fc.record({
      version: fc.nat(),
      key: fc.integer({ min: 0, max: 7 }),
      value: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
      fork: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const versions = [{ map: new VersionedMap<number, number>(), model: new Map<number, number>() }];
        for (const { version, key, value, fork } of actions) {
          const { map, model } = versions[version % versions.length]!;
          if (fork) {
            versions.push({ map: map.fork(), model: new Map<number, number>(model) });
          }
          map.set(key, value);
          if (value === undefined) {
            model.delete(key);
          } else {
            model.set(key, value);
          }
          expect(map.get(key)).toBe(value);
        }
        for (const { map, model } of versions) {
          expect(map.snapshot()).toEqual(model);
        }
      }),
      { numRuns: 200 },
    );
  });
});
