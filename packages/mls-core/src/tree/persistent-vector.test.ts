import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PersistentVector } from "./persistent-vector.ts";

const step = fc.oneof(
  fc.record({ set: fc.nat(), value: fc.nat() }),
  fc.record({ resize: fc.integer({ min: 0, max: 5000 }) }),
);

function changesBetween(from: readonly number[], to: readonly number[]): [number, number | undefined][] {
  const changes: [number, number | undefined][] = [];
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    if (from[i] !== to[i]) {
      changes.push([i, to[i]]);
    }
  }
  return changes;
}

describe("persistent vector", () => {
  it("behaves as an array, and its older versions stay as they were", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const start = Array.from({ length: 40 }, (_, i) => i);
        const versions: [PersistentVector<number>, number[]][] = [
          [PersistentVector.build(40, (i) => i), start],
        ];
        for (const change of steps) {
          const [vector, model] = versions.at(-1)!;
          if ("resize" in change) {
            const fill = (i: number): number => -i - 1;
            const next = Array.from({ length: change.resize }, (_, i) => model[i] ?? fill(i));
            versions.push([vector.resize(change.resize, fill), next]);
          } else if (model.length > 0) {
            const at = change.set % model.length;
            versions.push([vector.set(at, change.value), Object.assign([...model], { [at]: change.value })]);
          }
        }
        for (const [vector, model] of versions) {
          expect([...vector]).toEqual(model);
          expect(vector.length).toBe(model.length);
        }
        const [last, lastModel] = versions.at(-1)!;
        const [first, firstModel] = versions[0]!;
        expect(last.changesSince(first)).toEqual(changesBetween(firstModel, lastModel));
        expect(first.changesSince(last)).toEqual(changesBetween(lastModel, firstModel));
      }),
      { numRuns: 60 },
    );
  });

  it("has nothing outside of its bounds", () => {
    const vector = PersistentVector.build(33, (i) => i);
    for (const index of [-1, 33, 64, 2 ** 31, 2 ** 40, Number.NaN]) {
      expect(vector.get(index)).toBeUndefined();
    }
  });

  it("shares what did not change", () => {
    const vector = PersistentVector.build(100_000, (i) => ({ i }));
    const changed = vector.set(70_000, { i: -1 });
    expect(changed.changesSince(vector)).toEqual([[70_000, { i: -1 }]]);
    expect(changed.get(69_999)).toBe(vector.get(69_999));
    expect(vector.get(70_000)).toEqual({ i: 70_000 });
  });
});
