import { describe, expect, it } from "vitest";
import type { Fault, FaultKind } from "./fault.ts";
import { pickFaults, randomFrom } from "./pick.ts";

const faults = (kind: FaultKind, count: number): Fault[] =>
  Array.from({ length: count }, (_, line) => ({
    file: "a.ts",
    kind,
    start: line,
    end: line,
    replacement: "",
    line,
    change: `${kind} ${line}`,
  }));
const all = [...faults("detail", 50), ...faults("guard", 20), ...faults("wipe", 2)];

describe("a sample of faults", () => {
  it("is the same for the same seed, and another one for another", () => {
    expect(pickFaults(all, 10, 1)).toEqual(pickFaults(all, 10, 1));
    expect(pickFaults(all, 10, 1)).not.toEqual(pickFaults(all, 10, 2));
  });

  it("takes each kind in its turn, each fault once, and all when there are no more", () => {
    const ten = pickFaults(all, 10, 3).map(({ kind }) => kind);
    expect(ten.filter((kind) => kind === "wipe")).toHaveLength(2);
    expect(ten.filter((kind) => kind === "guard")).toHaveLength(4);
    const everything = pickFaults(all, 1000, 4);
    expect(new Set(everything).size).toBe(72);
    expect(pickFaults([], 5, 1)).toEqual([]);
  });
});

it("random numbers are spread, and below 1", () => {
  const random = randomFrom(7);
  const numbers = Array.from({ length: 1000 }, random);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.filter((number) => number < 0.5).length).toBeGreaterThan(430);
  expect(numbers.filter((number) => number < 0.5).length).toBeLessThan(570);
});
