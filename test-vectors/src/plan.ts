import type { Job } from "./job.ts";
import type { VectorFile } from "./loader.ts";

/** What a run is restricted to. */
export interface Selection {
  /** Substrings of file names; none means all. */
  readonly files: readonly string[];
  /** Suites; `null` for files without one; none means all. */
  readonly suites: readonly (number | null)[];
  /** Full names of providers, or their last part; none means all. */
  readonly providers: readonly string[];
  /** Take only so many cases, the first ones, of each suite in each file. */
  readonly casesOfEach: number;
}

export const everything: Selection = {
  files: [],
  suites: [],
  providers: [],
  casesOfEach: Number.POSITIVE_INFINITY,
};

export function selectsProvider({ providers }: Selection, name: string): boolean {
  return providers.length === 0 || providers.some((wanted) => wanted === name || `crypto-${wanted}` === name);
}

export function selectsFile({ files }: Selection, file: string): boolean {
  return files.length === 0 || files.some((wanted) => file.includes(wanted));
}

export function selectsSuite({ suites }: Selection, suite: number | null): boolean {
  return suites.length === 0 || suites.includes(suite);
}

// Milliseconds that a treekem case of 10 kB takes, measured; good enough to start the longest jobs first and to cut them
// where one worker would otherwise wait for another at the end. In the order of the suites, 1 to 7.
const MILLISECONDS: Readonly<Record<string, readonly number[]>> = {
  "crypto-node": [15, 15, 20, 35, 190, 35, 90],
  "crypto-noble": [75, 130, 70, 170, 530, 160, 230],
  "crypto-webcrypto": [25, 35, 30, 55, 640, 55, 290],
};
const LONGEST_JOB = 2000;

function estimate(provider: string, suite: number | null, bytesPerCase: number): number {
  const rate = suite === null ? 1 : (MILLISECONDS[provider]?.[suite - 1] ?? 100);
  return (rate * bytesPerCase) / 10_000;
}

/** All jobs of a selection, the costly ones first, none with more work than a worker should have at the end. */
export function planJobs(
  files: readonly VectorFile[],
  providers: readonly string[],
  selection: Selection,
): readonly Job[] {
  const jobs: { readonly job: Job; readonly cost: number }[] = [];
  for (const { file, path, format, suites, bytesPerCase } of files) {
    if (!selectsFile(selection, file)) {
      continue;
    }
    for (const [suite, cases] of suites) {
      for (const provider of providers) {
        if (selectsSuite(selection, suite) && selectsProvider(selection, provider)) {
          const whole = { file, path, format: format.name, suite, provider };
          const cost = estimate(provider, suite, bytesPerCase);
          const chunk = Math.max(1, Math.floor(LONGEST_JOB / cost));
          const chosen = cases.slice(0, selection.casesOfEach);
          for (let at = 0; at < chosen.length; at += chunk) {
            const part = chosen.slice(at, at + chunk);
            jobs.push({ job: { ...whole, cases: part }, cost: cost * part.length });
          }
        }
      }
    }
  }
  return jobs.sort((a, b) => b.cost - a.cost).map(({ job }) => job);
}
