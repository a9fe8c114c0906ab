import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { simulate } from "./simulate.ts";

describe("clients whose processes die and whose network loses requests and answers", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("keep their promises: seed %i", async (seed) => {
    const { violations, kills, entries } = await simulate(seed);
    expect(violations).toEqual([]);
    expect(kills + entries).toBeGreaterThan(5); // something happened
  });

  it.each(Object.keys(MUTANTS).filter((name) => name !== "the outbox in a batch of its own"))(
    "are found out with %s",
    async (name) => {
      const found: string[] = [];
      for (let seed = 1; seed <= 10 && found.length === 0; seed++) {
        found.push(...(await simulate(seed, MUTANTS[name])).violations);
      }
      expect(found).not.toEqual([]);
    },
  );
});
