// `pnpm validation`: each rule with its place in the code, its tests and how they went. Fails on a rule without a test.
// Runs all tests, or takes vitest's report of a run: `pnpm validation --results tests.json`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";
import { ProgressReporter } from "./progress-reporter.ts";
import { type RuleText, ruleTexts } from "./rules-text.ts";
import { type RuleUses, ruleUses } from "./rules.ts";
import { workspaceRoot } from "./workspace.ts";

/** One row of the matrix. */
export interface ValidationRow {
  readonly id: string;
  readonly sections: string;
  readonly enforced: string;
  readonly tests: readonly string[];
  readonly result: "passed" | "FAILED" | "NO TEST" | "application";
}

/**
 * The matrix: what is left to the application needs no test; everything else has one that passed.
 * @param failed files of tests in which something failed, relative to the root
 */
export function validationRows(
  texts: readonly RuleText[],
  { code, tests }: RuleUses,
  failed: ReadonlySet<string>,
): ValidationRow[] {
  return texts.map(({ id, sections, unchecked }) => {
    const own = tests.get(id) ?? [];
    const forApplication = unchecked?.includes("application") === true;
    const missing = forApplication ? "application" : "NO TEST";
    const result = own.length === 0 ? missing : own.some((file) => failed.has(file)) ? "FAILED" : "passed";
    return { id, sections, enforced: code.get(id)?.join(" ") ?? unchecked ?? "", tests: own, result };
  });
}

interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

/** The files in which something failed, of vitest's report. */
export function failedFiles({ testResults }: Report, root: string): Set<string> {
  const failed = testResults.filter(({ status }) => status !== "passed");
  return new Set(failed.map(({ name }) => relative(root, name).split(sep).join("/")));
}

async function report(given: string | undefined): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "validation-"));
  try {
    const file = given ?? join(folder, "tests.json");
    if (given === undefined) await runTests(file);
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runTests(outputFile: string): Promise<void> {
  const reporters = ["json", new ProgressReporter()];
  const vitest = await startVitest([], { root: workspaceRoot, run: true, reporters, outputFile });
  await vitest.close();
}

if (import.meta.main) {
  const { results } = parseArgs({ options: { results: { type: "string" } } }).values;
  const failed = failedFiles(await report(results), workspaceRoot);
  const rows = validationRows(ruleTexts(), ruleUses(workspaceRoot), failed);
  const short = (files: string): string => files.replaceAll("packages/", "").replaceAll("/src/", "/");
  for (const { id, sections, enforced, tests, result } of rows) {
    const where = sections === "" ? "–" : `§${sections}`;
    console.log(
      `${id.padEnd(9)} ${result.padEnd(12)} ${where} | ${short(enforced)} | ${short(tests.join(" "))}`,
    );
  }
  const wrong = rows.filter(({ result }) => result === "FAILED" || result === "NO TEST");
  console.log(`\n${rows.length} rules, ${rows.length - wrong.length} in order`);
  wrong.forEach(({ id, result }) => console.log(`${id}: ${result}`));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
