import { describe, expect, it } from "vitest";
import { parseRules, ruleTexts } from "./rules-text.ts";
import { ruleUses } from "./rules.ts";
import { failedFiles, validationRows } from "./validation.ts";
import { workspaceRoot } from "./workspace.ts";

const texts = parseRules(`rfc01 | 1 | Tested.
rfc02 | - | Not tested.
rfc03 | 2 | Left alone. | app
`);
const uses = {
  code: new Map([["rfc01", ["packages/a/src/a.ts"]]]),
  tests: new Map([["rfc01", ["packages/a/src/a.test.ts"]]]),
};

describe("the matrix of rules", () => {
  it("is in order where each rule has a test that passed, or is the application's", () => {
    const results = validationRows(texts, uses, new Set()).map(({ id, result }) => [id, result]);
    expect(results).toEqual([
      ["rfc01", "passed"],
      ["rfc02", "NO TEST"],
      ["rfc03", "application"],
    ]);
  });

  it("shows a test that failed", () => {
    const report = {
      testResults: [
        { name: "/root/packages/a/src/a.test.ts", status: "failed" },
        { name: "/root/packages/b/src/b.test.ts", status: "passed" },
      ],
    };
    const [row] = validationRows(texts, uses, failedFiles(report, "/root"));
    expect(row).toMatchObject({ id: "rfc01", result: "FAILED", enforced: "packages/a/src/a.ts" });
  });

  it("has no rule without a test", () => {
    const rows = validationRows(ruleTexts(), ruleUses(workspaceRoot), new Set());
    expect(rows.filter(({ result }) => result === "NO TEST").map(({ id }) => id)).toEqual([]);
  });
});
