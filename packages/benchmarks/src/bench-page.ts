// `pnpm bench:page [--check] [name=report.json …]`: puts reports of `pnpm bench --json` into docs/performance/ under their names
// and writes docs/performance.md and its plots from all that are there; with --check it only says whether they agree.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { page, type Report } from "./bench/page.ts";

const docs = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "docs");
const folder = join(docs, "performance");
const { values, positionals } = parseArgs({
  options: { check: { type: "boolean", default: false } },
  allowPositionals: true,
});

mkdirSync(folder, { recursive: true });
for (const one of positionals) {
  const [name, file] = one.split("=");
  if (name === undefined || file === undefined) throw new Error("each report is given as name=file");
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, rounded)}\n`);
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort();
const reports = names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report);
let wrong = 0;
for (const { path, text } of page(readFileSync(join(folder, "intro.md"), "utf8"), reports)) {
  const file = join(docs, path);
  if (!values.check) {
    writeFileSync(file, text);
  } else if (read(file) !== text) {
    wrong++;
    console.error(`docs/${path} is not what docs/performance/*.json say: run pnpm bench:page`);
  }
}
process.exitCode = wrong === 0 ? 0 : 1;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Four digits are more than a machine repeats. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
