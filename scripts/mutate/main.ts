// `pnpm mutate --sample N --seed S [--package P] [--file PART]`: plants faults, one at a time, and prints those that no
// test notices. Files stay as they are.
import { join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { packageEntries } from "../check-public-types.ts";
import { ProgressLine } from "../progress-line.ts";
import { ruleUses } from "../rules.ts";
import { isTestCode, sourceFiles } from "../source-files.ts";
import { workspacePackages, workspaceRoot } from "../workspace.ts";
import { EQUIVALENTS } from "./equivalents.ts";
import { type Fault, FAULT_KINDS } from "./fault.ts";
import { findFaults } from "./find-faults.ts";
import { Hunt, type Verdict } from "./hunt.ts";
import { pickFaults } from "./pick.ts";
import { RelatedTests } from "./related-tests.ts";

const USAGE =
  "pnpm mutate --sample N --seed S [--package P] [--file PART] [--least PERCENT] [--tests MOST] [--verbose]";

interface Options {
  readonly count: number;
  readonly seed: number;
  /** Percent. */
  readonly least: number;
  /** Files of tests that are asked about a fault, the nearest. */
  readonly most: number;
  readonly verbose: boolean;
  readonly wanted: (file: string) => boolean;
}

function options(): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      sample: text,
      seed: text,
      package: text,
      file: text,
      least: text,
      tests: text,
      verbose: { type: "boolean" },
    },
  });
  const number = (value: string | undefined, otherwise: number): number => {
    const given = value === undefined ? otherwise : Number(value);
    if (!Number.isSafeInteger(given) || given < 0) throw new RangeError(USAGE);
    return given;
  };
  const { package: folder = "", file = "" } = values;
  const wanted = (path: string): boolean =>
    (folder === "" || path.startsWith(`packages/${folder}/`)) && path.includes(file);
  return {
    count: number(values.sample, 20),
    seed: number(values.seed, Date.now() % 2 ** 32),
    least: number(values.least, 95),
    most: number(values.tests, 60),
    verbose: values.verbose === true,
    wanted,
  };
}

const files = new Map<string, string>();
for (const { folder } of workspacePackages()) {
  for (const [file, text] of sourceFiles(join(workspaceRoot, "packages", folder, "src"))) {
    files.set(`packages/${folder}/src/${file}`, text);
  }
}
const published = new Set(workspacePackages().flatMap(({ folder, published: is }) => (is ? [folder] : [])));
const { count, seed, least, most, verbose, wanted } = options();
const faults = [...files].flatMap(([file, text]) =>
  published.has(file.split("/")[1] ?? "") && !isTestCode(file) && wanted(file) ? findFaults(file, text) : [],
);
const path = (file: string): string => relative(workspaceRoot, file).split(sep).join("/");
const related = new RelatedTests(
  files,
  new Map(packageEntries().map(({ specifier, file }) => [specifier, path(file)])),
);
const uses = ruleUses(workspaceRoot);

const aboutSecrets = [...files.keys()].filter((file) =>
  /(?:wiping|secrets-gone|forward-secrecy)\.test/.test(file),
);

/** The tests of the rules that stand in the lines around a fault, and for a secret that stays those about secrets. */
function likeliest({ file, line, kind }: Fault): ReadonlySet<string> {
  const near = (files.get(file) ?? "")
    .split("\n")
    .slice(line - 1, line + 5)
    .join("\n");
  const ofRules = [...uses.tests].flatMap(([id, tests]) => (near.includes(`"${id}"`) ? tests : []));
  return new Set([...ofRules, ...(kind === "wipe" ? aboutSecrets : [])]);
}

const equivalent = ({ file, change }: Fault): string | undefined =>
  EQUIVALENTS.find((known) => known.file === file && known.change === change)?.why;

const sample = pickFaults(faults, count, seed);
console.log(`seed ${seed}, ${sample.length} of ${faults.length} faults`);
const hunt = new Hunt(workspaceRoot);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    hunt.close();
    process.exit(1);
  });
}
const line = new ProgressLine();
const verdicts: Verdict[] = [];
try {
  for (const fault of sample) {
    line.showShare(verdicts.length, sample.length, `${fault.file}:${fault.line}`);
    if (equivalent(fault) !== undefined) continue;
    const tests = related.of(fault.file, likeliest(fault)).slice(0, most);
    const started = performance.now();
    const verdict = await hunt.judge(fault, tests);
    verdicts.push(verdict);
    if (verbose) {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${seconds} s ${fault.kind} ${fault.file}:${fault.line} ${verdict.by ?? "SURVIVED"}`);
    }
    if (!verdict.caught) {
      line.clear();
      console.log(`SURVIVED ${fault.kind} ${fault.file}:${fault.line}: ${fault.change}`);
    }
  }
  const noticed = new Set(verdicts.flatMap(({ by }) => (by !== undefined && files.has(by) ? [by] : [])));
  line.clear();
  for (const test of await hunt.failing([...noticed])) console.log(`FAILS WITHOUT ANY FAULT ${test}`);
} finally {
  line.clear();
  hunt.close();
}
for (const kind of FAULT_KINDS) {
  const these = verdicts.filter(({ fault }) => fault.kind === kind);
  if (these.length > 0) {
    console.log(`${kind}: ${these.filter(({ caught }) => caught).length} of ${these.length} caught`);
  }
}
const skipped = sample.filter((fault) => equivalent(fault) !== undefined);
for (const fault of skipped) {
  console.log(`equivalent ${fault.file}:${fault.line}: ${fault.change}: ${equivalent(fault) ?? ""}`);
}
const caught = verdicts.filter((verdict) => verdict.caught).length;
const share = verdicts.length === 0 ? 100 : (100 * caught) / verdicts.length;
console.log(`${caught} of ${verdicts.length} caught, ${share.toFixed(1)} %`);
process.exitCode = share >= least ? 0 : 1;
