import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Run, Runtime } from "./runtimes/runtime.ts";
import { root } from "./workshop.ts";

const README = join(root, "README.md");
const BEGIN = "<!-- runtimes: written by `pnpm test:runtimes --write` -->\n\n";
const END = "\n<!-- end of runtimes -->";

/** One row: what was played in a runtime. */
export function row({ title, how }: Runtime, { version, played }: Run): string {
  const labels = [...new Set(played.map(({ label }) => label))].filter((label) => label !== "imports");
  const cells = labels.map((label) => {
    const suites = played.filter((each) => each.label === label).map(({ suite }) => suite);
    return label.startsWith("storage-") ? label : `${label} ${suites.join(" ")}`;
  });
  // A browser's last number changes each week.
  const short = version
    .split(".")
    .slice(0, title.startsWith("Node") ? 2 : 1)
    .join(".");
  return `| ${title.startsWith("Node") ? `Node.js ${short}` : title} | ${how} | ${cells.join("; ")} |`;
}

function between(text: string): readonly [start: number, end: number] {
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (start < 0 || end < 0) throw new Error("README.md has no table of runtimes");
  return [start + BEGIN.length, end];
}

/** The rows in the README, as written, with one space where Prettier has many. */
export function rowsWritten(): string[] {
  const text = readFileSync(README, "utf8");
  return text
    .slice(...between(text))
    .split("\n")
    .slice(2)
    .filter((line) => line !== "")
    .map((line) => line.replaceAll(/ +/g, " "));
}

/** Rows of this run that the README does not have. */
export function tableProblems(runs: ReadonlyMap<Runtime, Run>, fewSuites: boolean): string[] {
  const written = rowsWritten();
  return [...runs].flatMap(([runtime, run]) => {
    const slow = runtime.id === "quickjs" || runtime.id === "hermes";
    const found = row(runtime, run);
    if (
      written.includes(found) ||
      (slow && fewSuites && written.some((line) => line.includes(runtime.title)))
    ) {
      return [];
    }
    return [`README.md lacks the row ${found}`];
  });
}

/** Writes the table. */
export async function writeTable(runs: ReadonlyMap<Runtime, Run>): Promise<void> {
  const text = readFileSync(README, "utf8");
  const [start, end] = between(text);
  const head = "| runtime | how | played, in these suites |\n| --- | --- | --- |\n";
  const body = [...runs].map(([runtime, run]) => row(runtime, run)).join("\n");
  const { format, resolveConfig } = await import("prettier");
  const next = `${text.slice(0, start)}${head}${body}\n${text.slice(end)}`;
  writeFileSync(README, await format(next, { ...(await resolveConfig(README)), parser: "markdown" }));
}
