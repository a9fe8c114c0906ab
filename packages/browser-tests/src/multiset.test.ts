import { expect, it } from "vitest";
import { differences } from "./multiset.ts";

it("tells what is lost and what is there too often, in any order", () => {
  expect(differences(["b", "a", "a"], ["a", "b", "a"])).toEqual({ missing: [], unexpected: [] });
  expect(differences(["a"], ["a", "a", "b"])).toEqual({ missing: ["a", "b"], unexpected: [] });
  expect(differences(["a", "a", "c"], ["a"])).toEqual({ missing: [], unexpected: ["a", "c"] });
});
