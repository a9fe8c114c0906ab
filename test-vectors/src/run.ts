import type { VectorFormat } from "./format.ts";
import type { Failure, Job } from "./job.ts";
import { collect, type Collection, type Folders } from "./loader.ts";
import type { ManifestEntry } from "./manifest.ts";
import { planJobs, type Selection, selectsFile, selectsProvider } from "./plan.ts";
import { runPool } from "./pool.ts";
import { Results, type Row } from "./report.ts";

/** What to run, and on what. */
export interface RunRequest {
  readonly manifest: readonly ManifestEntry[];
  readonly formats: readonly VectorFormat[];
  readonly folders: Folders;
  readonly providers: readonly string[];
  readonly selection: Selection;
  /** Whether files of the manifest that are nowhere fail, as they do where CI is set, or are skipped. */
  readonly missingFails: boolean;
}

/** Told what goes on. */
export interface RunListener {
  /** Something that nobody may overlook, in lines of text. */
  warning(text: string): void;
  failure(job: Job, failure: Failure): void;
  jobDone(job: Job, milliseconds: number): void;
  /** How many jobs are done of how many; before the first and after each. */
  progress?(done: number, total: number): void;
}

/** Finds, checks and runs the selected files. */
export async function runVectors(request: RunRequest, listener: RunListener): Promise<readonly Row[]> {
  const { selection, missingFails } = request;
  const collection = collect(request.manifest, request.formats, request.folders);
  const providers = request.providers.filter((name) => selectsProvider(selection, name));
  const results = new Results();
  const selected = ({ file }: { readonly file: string }): boolean => selectsFile(selection, file);
  // Which suites such a file holds is not known: it belongs to every selection of suites.
  for (const provider of providers) {
    for (const file of collection.broken.filter(selected)) {
      results.addUnusable(file, provider, "failed");
    }
    for (const file of collection.missing.filter(selected)) {
      results.addUnusable(file, provider, missingFails && !file.mayBeMissing ? "failed" : "skipped");
    }
  }
  for (const text of warnings(collection, missingFails)) {
    listener.warning(text);
  }
  const jobs = planJobs(collection.files, providers, selection);
  let done = 0;
  listener.progress?.(done, jobs.length);
  await runPool(jobs, (job, outcome) => {
    done += 1;
    results.add(job, outcome);
    listener.jobDone(job, outcome.milliseconds);
    for (const failure of outcome.failures) {
      listener.failure(job, failure);
    }
    listener.progress?.(done, jobs.length);
  });
  return results.rows();
}

function warnings({ missing, broken, leftAside }: Collection, missingFails: boolean): string[] {
  const texts: string[] = [];
  if (missing.length > 0) {
    const list = missing.map(({ file, reason }) => `\n  ${file}: ${reason}`).join("");
    const what = missingFails ? "ARE MISSING" : "ARE MISSING AND DO NOT RUN";
    texts.push(`\n!!! ${missing.length} FILES OF TEST VECTORS ${what}:${list}\n`);
  }
  for (const { file, reason } of broken) {
    texts.push(`!!! ${file} IS NOT WHAT IT SHOULD BE: ${reason}`);
  }
  if (leftAside.length > 0) {
    texts.push(`${leftAside.length} files of other formats are left aside: ${leftAside.join(", ")}`);
  }
  return texts;
}

/** Whether the environment says that this is continuous integration. */
export function isCi(environment: Readonly<Record<string, string | undefined>>): boolean {
  return !["", "0", "false"].includes(environment["CI"] ?? "");
}
