import { parseArgs } from "node:util";
import { ProgressLine } from "../../scripts/progress-line.ts";
import { formats } from "./formats/index.ts";
import { foldersOf } from "./loader.ts";
import { readManifest } from "./manifest.ts";
import { type Selection, selectsProvider } from "./plan.ts";
import { providerNames } from "./providers.ts";
import { table } from "./report.ts";
import { isCi, type RunListener, runVectors } from "./run.ts";

const USAGE = `pnpm vectors [--json] [--file PART]… [--suite N]… [--provider NAME]… [--sample N] [--failures N] [--times]

Runs every case of the known test vectors on every crypto provider.
  --json       print nothing but an array of {file, suite, provider, passed, failed, skipped, reasons}
  --file       only files whose name contains PART
  --suite      only this cipher suite; "none" for files without one
  --provider   only this provider: ${providerNames.join(", ")}
  --sample     only the first N cases of each suite in each file
  --failures   how many failures of a file, suite and provider to describe on stderr (default 3)
  --times      print how long each file, suite and provider took, on stderr
Environment: MLS_TEST_VECTORS names a folder with the vectors, whose other files of known formats run too;
CI makes a missing file of the manifest a failure.`;

interface Options {
  readonly json: boolean;
  readonly times: boolean;
  readonly failures: number;
  readonly selection: Selection;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      times: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      failures: { type: "string", default: "3" },
      sample: { type: "string", default: "Infinity" },
      file: { type: "string", multiple: true, default: [] },
      suite: { type: "string", multiple: true, default: [] },
      provider: { type: "string", multiple: true, default: [] },
    },
  });
  const suites = values.suite.map((text) => (text === "none" ? null : Number(text)));
  const casesOfEach = Number(values.sample);
  const selection: Selection = { files: values.file, suites, providers: values.provider, casesOfEach };
  const unknownProvider = values.provider.some(
    (wanted) => !providerNames.some((name) => selectsProvider({ ...selection, providers: [wanted] }, name)),
  );
  if (values.help || unknownProvider || [...suites, casesOfEach].some((value) => Number.isNaN(value))) {
    return undefined;
  }
  return { json: values.json, times: values.times, failures: Number(values.failures), selection };
}

const line = new ProgressLine();

// stdout belongs to the result.
function say(text: string): void {
  line.clear();
  process.stderr.write(`${text}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = optionsOf(args);
  } catch (error) {
    say(String(error));
  }
  if (options === undefined) {
    say(USAGE);
    return 2;
  }
  const started = performance.now();
  const { listener, times } = listenerFor(options.failures);
  const rows = await runVectors(
    {
      manifest: readManifest(),
      formats,
      folders: foldersOf(process.env),
      providers: providerNames,
      selection: options.selection,
      missingFails: isCi(process.env),
    },
    listener,
  );
  line.clear();
  const columns = providerNames.filter((name) => rows.some(({ provider }) => provider === name));
  process.stdout.write(
    options.json ? `${JSON.stringify(rows, undefined, 1)}\n` : `${table(rows, columns)}\n`,
  );
  if (options.times) {
    for (const [what, milliseconds] of [...times].sort((a, b) => b[1] - a[1])) {
      say(`${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${what}`);
    }
  }
  say(`took ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (rows.length === 0) {
    say("nothing was selected");
  }
  return rows.length === 0 || rows.some(({ failed }) => failed > 0) ? 1 : 0;
}

function listenerFor(failuresShown: number): {
  readonly listener: RunListener;
  readonly times: ReadonlyMap<string, number>;
} {
  const times = new Map<string, number>();
  const shown = new Map<string, number>();
  let last = "";
  const listener: RunListener = {
    warning: say,
    progress: (done, total) => line.showShare(done, total, last),
    failure: ({ file, suite, provider }, failure) => {
      const what = `${file} suite ${suite ?? "-"} ${provider}`;
      const count = (shown.get(what) ?? 0) + 1;
      shown.set(what, count);
      if (count <= failuresShown) {
        say(`FAILED ${what} case ${failure.case}: ${failure.message}`);
      }
    },
    jobDone: ({ file, suite, provider }, milliseconds) => {
      last = `${file} suite ${suite ?? "-"} ${provider}`;
      times.set(last, (times.get(last) ?? 0) + milliseconds);
    },
  };
  return { listener, times };
}

process.exitCode = await main(process.argv.slice(2));
