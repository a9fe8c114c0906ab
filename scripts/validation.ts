// `pnpm validation`: each rule with its place in the code, its tests and how they went, and at which public doors it was
// seen to refuse and to leave memory and store as they were. Fails on a rule without a test or without such a refusal.
// Runs all tests, or takes vitest's report of a run: `pnpm validation --results tests.json`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";
import type { Refusal } from "../packages/mls-core/src/testing/refusals.ts";
import { NO_DOOR } from "./no-door.ts";
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
  /** Where it refused and changed nothing; a reason where no door shows it; `undefined` where nobody looked. */
  readonly unchanged: string | undefined;
}

/** The doors at which each rule refused, as "receive: processMessage"; `undefined` when nobody looked. */
export type RefusalsSeen = ReadonlyMap<string, string> | undefined;

/** Reads what the tests saw. @param lines JSON of a `Refusal` each */
export function refusalsSeen(lines: string): ReadonlyMap<string, string> {
  const doors = new Map<string, Map<string, Set<string>>>();
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    const { rule, side, call } = JSON.parse(line) as Refusal;
    const sides = doors.get(rule) ?? new Map<string, Set<string>>();
    doors.set(rule, sides.set(side, (sides.get(side) ?? new Set()).add(call)));
  }
  const show = ([side, calls]: [string, Set<string>]): string => `${side}: ${[...calls].sort().join(" ")}`;
  return new Map([...doors].map(([rule, sides]) => [rule, [...sides].sort().map(show).join(", ")]));
}

/**
 * The matrix: what is left to the application needs no test; everything else has one that passed.
 * @param failed files of tests in which something failed, relative to the root
 */
export function validationRows(
  texts: readonly RuleText[],
  { code, tests }: RuleUses,
  failed: ReadonlySet<string>,
  seen?: RefusalsSeen,
): ValidationRow[] {
  return texts.map(({ id, sections, unchecked }) => {
    const own = tests.get(id) ?? [];
    const forApplication = unchecked?.includes("application") === true;
    const missing = forApplication ? "application" : "NO TEST";
    const result = own.length === 0 ? missing : own.some((file) => failed.has(file)) ? "FAILED" : "passed";
    const elsewhere = unchecked ?? NO_DOOR[id] ?? "NOT SEEN";
    return {
      id,
      sections,
      enforced: code.get(id)?.join(" ") ?? unchecked ?? "",
      tests: own,
      result,
      unchanged: seen === undefined ? undefined : (seen.get(id) ?? elsewhere),
    };
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

async function report(
  given: string | undefined,
): Promise<{ readonly report: Report; readonly seen: RefusalsSeen }> {
  const folder = mkdtempSync(join(tmpdir(), "validation-"));
  try {
    const file = given ?? join(folder, "tests.json");
    const refusals = join(folder, "refusals");
    if (given === undefined) await runTests(file, refusals);
    const seen = existsSync(refusals) ? refusalsSeen(readFileSync(refusals, "utf8")) : undefined;
    return { report: JSON.parse(readFileSync(file, "utf8")) as Report, seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runTests(outputFile: string, refusals: string): Promise<void> {
  process.env["MLS_REFUSALS"] = refusals;
  const vitest = await startVitest([], {
    root: workspaceRoot,
    run: true,
    reporters: ["json", new ProgressReporter()],
    outputFile,
    setupFiles: ["packages/mls-core/src/testing/refusal-watch.ts"],
  });
  await vitest.close();
}

if (import.meta.main) {
  const { results } = parseArgs({ options: { results: { type: "string" } } }).values;
  const { report: tests, seen } = await report(results);
  const rows = validationRows(ruleTexts(), ruleUses(workspaceRoot), failedFiles(tests, workspaceRoot), seen);
  const short = (files: string): string => files.replaceAll("packages/", "").replaceAll("/src/", "/");
  for (const { id, sections, enforced, tests: own, result, unchanged = "–" } of rows) {
    const where = sections === "" ? "–" : `§${sections}`;
    console.log(
      `${id.padEnd(9)} ${result.padEnd(12)} ${where} | ${short(enforced)} | ${short(own.join(" "))} | ${unchanged}`,
    );
  }
  const wrong = rows.filter(
    ({ result, unchanged }) => result === "FAILED" || result === "NO TEST" || unchanged === "NOT SEEN",
  );
  console.log(`\n${rows.length} rules, ${rows.length - wrong.length} in order`);
  wrong.forEach(({ id, result, unchanged }) =>
    console.log(`${id}: ${result}, unchanged: ${unchanged ?? "–"}`),
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
