import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseRules, ruleTexts } from "./rules-text.ts";
import { ruleProblems, rulesFile, rulesPage, ruleUses } from "./rules.ts";
import { workspace } from "./testing/workspace.ts";
import { workspaceRoot } from "./workspace.ts";

describe("docs/rules.md", () => {
  const uses = ruleUses(workspaceRoot);

  it("has a sentence for each rule in code, and code or a reason for each sentence", () => {
    expect(ruleProblems(ruleTexts(), uses)).toEqual([]);
  });

  it("is up to date; if not, run `pnpm rules`", () => {
    expect(readFileSync(rulesFile, "utf8")).toBe(rulesPage(ruleTexts(), uses));
  });

  it("has the whole catalogue", () => {
    expect(ruleTexts().length).toBeGreaterThanOrEqual(269);
  });

  it("says each thing once", () => {
    const sentences = ruleTexts().map(({ sentence }) => sentence);
    expect(sentences.filter((sentence, i) => sentences.indexOf(sentence) !== i)).toEqual([]);
  });
});

describe("rules", () => {
  const uses = ruleUses(
    workspace({
      "packages/mls-core/src/tree/a.ts": `throw violation("valn0101", "no");\nconst x = { rule: "own1" };`,
      "packages/traits/src/table.ts":
        '/** Not "rfc01". */\nconst rules = { removed: `trap01` }; // nor "rfc02"',
      "packages/mls-core/src/tree/a.test.ts": `it("refuses valn0101, rfc01", () => {});`,
      "packages/mls-core/src/testing/cases.ts": `export const cases = [["rfc01", 1]];`,
    }),
  );

  it("are found in code as strings, and in tests anywhere", () => {
    expect([...uses.code]).toEqual([
      ["valn0101", ["packages/mls-core/src/tree/a.ts"]],
      ["own1", ["packages/mls-core/src/tree/a.ts"]],
      ["trap01", ["packages/traits/src/table.ts"]],
    ]);
    expect(uses.tests.get("rfc01")).toEqual([
      "packages/mls-core/src/testing/cases.ts",
      "packages/mls-core/src/tree/a.test.ts",
    ]);
  });

  it("need a sentence if in code, and code or a reason if they have a sentence", () => {
    const texts = parseRules(
      `valn0101 | 7.3 | A.\nrfc01 | 2 | B.\nrfc02 | - | C. | later: soon\ntrap01 | 2 | D. | made`,
    );
    expect(ruleProblems(texts, uses)).toEqual([
      "own1: in packages/mls-core/src/tree/a.ts, and without a sentence in scripts/rules-text",
      "rfc01: in no code; if that is right, say why after its sentence",
      "trap01: in code by now; delete the note after its sentence",
    ]);
  });

  it("make one row each, with an anchor and links", () => {
    const page = rulesPage(parseRules("valn0101 | 7.3, 8 | A.\nrfc02 | - | C. | later: soon"), uses);
    expect(page).toContain(
      '| <a id="valn0101"></a>valn0101 | A. | §7.3, 8 | [tree/a.ts](../packages/mls-core/src/tree/a.ts) ' +
        "| [tree/a.test.ts](../packages/mls-core/src/tree/a.test.ts) |\n",
    );
    expect(page).toContain('| <a id="rfc02"></a>rfc02 | C. | – | no check yet: soon |  |\n');
  });

  it.each([
    ["without a sentence", "rfc01 | 2.1"],
    ["with an unknown note", "rfc01 | 2.1 | A. | sometime"],
    ["with a reason that says nothing", "rfc01 | 2.1 | A. | later: "],
    ["twice", "rfc01 | 2.1 | A.\nrfc01 | 2.1 | B."],
  ])("are not read %s", (_, text) => {
    expect(() => parseRules(text)).toThrow("rfc01");
  });
});
