// pnpm test:runtimes [--only ID]… [--slow-suites 1,2] [--write]
//   --only         node20, node22, node24, bun, deno, workerd, chromium, firefox, quickjs, hermes; default: all
//   --slow-suites  suites in QuickJS and Hermes, which take minutes for all; default: 1,2,3; `all` for all
//   --write        writes the table in the README from this run, in place of comparing it
import { parseArgs } from "node:util";
import { browsers } from "./runtimes/browsers.ts";
import { nativeEngines } from "./runtimes/native-engines.ts";
import type { Run, Runtime } from "./runtimes/runtime.ts";
import { serverSide } from "./runtimes/server-side.ts";
import { workerd } from "./runtimes/workerd.ts";
import { tableProblems, writeTable } from "./table.ts";
import { workshop } from "./workshop.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    "slow-suites": { type: "string", default: "1,2,3" },
    write: { type: "boolean", default: false },
  },
});
const slow = values["slow-suites"];
const slowSuites = slow === "all" ? undefined : slow.split(",").map(Number);
const all: readonly Runtime[] = [...serverSide, workerd, ...browsers, ...nativeEngines];
const chosen = all.filter(({ id }) => values.only.length === 0 || values.only.includes(id));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const site = await workshop({ "better-sqlite3": "^13.2.0" });
const runs = new Map<Runtime, Run>();
let failed = chosen.length === 0 ? 1 : 0;
for (const runtime of chosen) {
  const started = Date.now();
  try {
    const run = await runtime.play(site, slowSuites);
    runs.set(runtime, run);
    const wrong = run.played.filter(({ error }) => error !== undefined);
    failed += wrong.length;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    say(
      `${wrong.length === 0 ? "ok  " : "FAIL"}  ${runtime.title} ${run.version}: ${run.played.length} scenes, ${seconds} s`,
    );
    for (const { label, suite, error } of wrong) say(`      ${label}, suite ${suite}: ${error ?? ""}`);
  } catch (error) {
    failed += 1;
    say(`FAIL  ${runtime.title}: ${String(error)}`);
  }
}
site.close();

if (values.write && failed === 0) {
  await writeTable(runs);
} else {
  const problems = tableProblems(runs, slowSuites !== undefined);
  for (const problem of problems) say(`FAIL  ${problem}`);
  failed += problems.length;
}
process.exitCode = failed === 0 ? 0 : 1;
