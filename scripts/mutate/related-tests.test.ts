import { expect, it } from "vitest";
import { RelatedTests } from "./related-tests.ts";

it("the tests of a file are those that import it, the likeliest first", () => {
  const files = new Map([
    ["packages/a/src/deep/leaf.ts", ""],
    ["packages/a/src/deep/leaf.test.ts", 'import "./leaf.ts";'],
    ["packages/a/src/deep/near.test.ts", 'import { x } from "../index.ts";'],
    ["packages/a/src/index.ts", 'export * from "./deep/leaf.ts";\nimport "./index.ts";'],
    ["packages/b/src/far.test.ts", 'import type { x } from "@openmls-ts/a";'],
    ["packages/b/src/rule.test.ts", 'import { y } from "./helper.ts";'],
    ["packages/b/src/helper.ts", 'import { x } from "@openmls-ts/a";'],
    ["packages/b/src/other.test.ts", 'import "vitest";'],
  ]);
  const related = new RelatedTests(files, new Map([["@openmls-ts/a", "packages/a/src/index.ts"]]));
  expect(related.of("packages/a/src/deep/leaf.ts")).toEqual([
    "packages/a/src/deep/leaf.test.ts",
    "packages/a/src/deep/near.test.ts",
    "packages/b/src/far.test.ts",
    "packages/b/src/rule.test.ts",
  ]);
  const first = new Set(["packages/b/src/rule.test.ts", "packages/b/src/other.test.ts"]);
  expect(related.of("packages/a/src/deep/leaf.ts", first)[1]).toBe("packages/b/src/rule.test.ts");
  expect(related.of("packages/b/src/helper.ts")).toEqual(["packages/b/src/rule.test.ts"]);
});
