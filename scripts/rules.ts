// `pnpm rules` writes docs/rules.md: what each rule id means, what enforces it and what tests it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ruleTexts, type RuleText } from "./rules-text.ts";
import { isTestCode, sourceFiles, withoutComments } from "./source-files.ts";
import { workspaceRoot } from "./workspace.ts";

/** Files by the rule ids in them; paths relative to the root, with slashes, sorted. */
export interface RuleUses {
  /** Shipped code that has the id as a string: `violation("…")`, `{ rule: "…" }`, a table of rules. */
  readonly code: ReadonlyMap<string, readonly string[]>;
  /** Tests, and cases for tests, conformance's too, that name the id anywhere. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
}

const known = String.raw`(?:valn\d{4}|rfc\d{2,3}|trap\d{2}|x[a-z]\d{2}|tm\d{2})`;
const inCode = new RegExp(`["'\`](${known})["'\`]|\\bviolation\\(\\s*"([^"]+)"|\\brule: "([^"]+)"`, "g");
// tests of drafts write XS-01
const inTests = new RegExp(`\\b(${known}|(?:X[A-Z]|TM)-\\d{2})\\b`, "g");

/** Finds the rule ids in the packages, examples and test vectors below `root`. */
export function ruleUses(root: string): RuleUses {
  const code = new Map<string, string[]>();
  const tests = new Map<string, string[]>();
  for (const folder of ["packages", "examples", "test-vectors"]) {
    for (const [file, text] of sourceFiles(join(root, folder))) {
      const test = isTestCode(file) || file.startsWith("conformance/");
      const matches = test ? text.matchAll(inTests) : withoutComments(text).matchAll(inCode);
      const uses = test ? tests : code;
      const ids = Array.from(matches, (match) => match[1] ?? match[2] ?? match[3] ?? "");
      for (const id of new Set(ids.map((found) => (test ? found.toLowerCase().replace("-", "") : found)))) {
        uses.set(id, [...(uses.get(id) ?? []), `${folder}/${file}`]);
      }
    }
  }
  return { code, tests };
}

/** Where texts and code disagree, one line each; empty if they agree. */
export function ruleProblems(texts: readonly RuleText[], { code }: RuleUses): string[] {
  const described = new Map(texts.map((text) => [text.id, text]));
  const problems = [...code]
    .filter(([id]) => !described.has(id))
    .map(([id, files]) => `${id}: in ${files.join(", ")}, and without a sentence in scripts/rules-text`);
  for (const { id, unchecked } of texts) {
    if (unchecked === undefined && !code.has(id))
      problems.push(`${id}: in no code; if that is right, say why after its sentence`);
    if (unchecked !== undefined && code.has(id))
      problems.push(`${id}: in code by now; delete the note after its sentence`);
  }
  return problems.sort();
}

/** Links from docs/, the name short: what stands in the core without its path to there. */
function links(files: readonly string[] | undefined): string {
  const name = (file: string): string =>
    file.replace(/^packages\/mls-core\/src\//, "").replace(/^packages\/([^/]+)\/src\//, "$1: ");
  return (files ?? []).map((file) => `[${name(file)}](../${file})`).join(", ");
}

const head = `# Rules

Every refusal under a rule of the protocol names it: \`error.rule\` is an id of this page. \`error.code\` is what programs
switch on; the rule says which sentence of RFC 9420 (sections in the third column) a message or a call went against. Ids
keep their meaning from release to release. Where nothing is refused under an id, the fourth column says why.

<!-- Made by \`pnpm rules\` from scripts/rules-text and the sources. -->

| rule | what is required | RFC 9420 | enforced in | tested in |
| --- | --- | --- | --- | --- |
`;

/** The page, of texts and uses. */
export function rulesPage(texts: readonly RuleText[], { code, tests }: RuleUses): string {
  const rows = texts.map(({ id, sections, sentence, unchecked }) => {
    const enforced = code.has(id) ? links(code.get(id)) : (unchecked ?? "");
    const section = sections === "" ? "–" : `§${sections}`;
    return `| <a id="${id}"></a>${id} | ${sentence} | ${section} | ${enforced} | ${links(tests.get(id))} |\n`;
  });
  return head + rows.join("");
}

/** Where the page is. */
export const rulesFile: string = join(workspaceRoot, "docs", "rules.md");

if (import.meta.main) {
  const texts = ruleTexts();
  const uses = ruleUses(workspaceRoot);
  const problems = ruleProblems(texts, uses);
  for (const problem of problems) console.error(problem);
  writeFileSync(rulesFile, rulesPage(texts, uses));
  console.log(`docs/rules.md: ${texts.length} rules, ${uses.code.size} of them in code`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
