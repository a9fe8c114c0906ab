import { describe, expect, it } from "vitest";
import { parseRules, ruleTexts } from "./rules-text.ts";
import { ruleUses } from "./rules.ts";
import { NO_DOOR } from "./no-door.ts";
import { failedFiles, refusalsSeen, validationRows } from "./validation.ts";
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

  it("shows where each rule refused with nothing changed, and which did nowhere", () => {
    const refused = (rule: string, side: string, call: string): string =>
      JSON.stringify({ rule, side, call, unchanged: true });
    const lines = [
      refused("rfc01", "send", "build"),
      refused("rfc01", "receive", "processMessage"),
      refused("rfc01", "receive", "fromWelcome"),
    ].join("\n");
    const rows = validationRows(texts, uses, new Set(), refusalsSeen(lines));
    expect(rows.map(({ unchanged }) => unchanged)).toEqual([
      "receive: fromWelcome processMessage, send: build",
      "NOT SEEN",
      "the application decides",
    ]);
    expect(validationRows(texts, uses, new Set())[0]?.unchanged).toBeUndefined();
  });

  it("excuses no rule that is not in code", () => {
    const { code } = ruleUses(workspaceRoot);
    expect(Object.keys(NO_DOOR).filter((id) => !code.has(id))).toEqual([]);
  });

  it("has no rule without a test", () => {
    const rows = validationRows(ruleTexts(), ruleUses(workspaceRoot), new Set());
    expect(rows.filter(({ result }) => result === "NO TEST").map(({ id }) => id)).toEqual([]);
  });
});
