import { readFileSync } from "node:fs";
import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";
import { cipherSuiteParams } from "@openmls-ts/traits";
import type { CaseContext, VectorFormat } from "./format.ts";
import { parseCases } from "./loader.ts";
import { providerNamed } from "./providers.ts";

/** Some cases of one file, of one suite, on one provider. Plain data: it travels to a worker. */
export interface Job {
  readonly file: string;
  readonly path: string;
  readonly format: string;
  readonly suite: number | null;
  readonly provider: string;
  readonly cases: readonly number[];
}

export interface Failure {
  readonly case: number;
  readonly message: string;
}

/** What became of a job. */
export interface Outcome {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  /** Why cases were skipped. */
  readonly reasons: readonly string[];
  readonly milliseconds: number;
}

// Jobs of one file come one after the other; the largest file parses in a tenth of a second.
let parsed: { readonly path: string; readonly cases: readonly unknown[] } | undefined;

function casesOf(path: string): readonly unknown[] {
  if (parsed?.path !== path) {
    parsed = { path, cases: parseCases(readFileSync(path, "utf8")) };
  }
  return parsed.cases;
}

/** Runs the cases of a job. Never rejects: what goes wrong is an outcome. */
export async function runJob(job: Job, formats: readonly VectorFormat[]): Promise<Outcome> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  try {
    const format = formats.find(({ name }) => name === job.format);
    if (format === undefined) {
      throw new RangeError(`no runner for format ${job.format}`);
    }
    const crypto = providerNamed(job.provider);
    const reason = (await whySkipped(crypto, job)) ?? (await format.unsupported?.({ crypto }));
    if (reason !== undefined) {
      const skipped = job.cases.length;
      return { passed: 0, skipped, failures: [], reasons: [reason], milliseconds: elapsed() };
    }
    const context = await contextOf(crypto, job.suite);
    const failures: Failure[] = [];
    const cases = casesOf(job.path);
    for (const index of job.cases) {
      try {
        await format.run(cases[index], context);
      } catch (error) {
        failures.push({ case: index, message: describe(error) });
      }
    }
    const passed = job.cases.length - failures.length;
    return { passed, skipped: 0, failures, reasons: [], milliseconds: elapsed() };
  } catch (error) {
    const failures = job.cases.map((index) => ({ case: index, message: describe(error) }));
    return { passed: 0, skipped: 0, failures, reasons: [], milliseconds: elapsed() };
  }
}

async function whySkipped(crypto: CryptoProvider, job: Job): Promise<string | undefined> {
  if (job.suite === null) {
    return undefined;
  }
  const params = cipherSuiteParams(job.suite);
  if (params === undefined) {
    return `cipher suite ${job.suite} is not one of RFC 9420`;
  }
  const supported: readonly number[] = await crypto.supportedCipherSuites();
  if (supported.includes(job.suite)) {
    return undefined;
  }
  return `${job.provider} finds no cipher suite ${job.suite} (${params.name}) in this runtime, Node.js ${process.version}`;
}

async function contextOf(crypto: CryptoProvider, id: number | null): Promise<CaseContext> {
  const suite = id === null ? undefined : await crypto.cipherSuite(id);
  return {
    crypto,
    get suite(): CipherSuite {
      if (suite === undefined) {
        throw new RangeError("the case names no cipher suite");
      }
      return suite;
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  const rule = "rule" in error && typeof error.rule === "string" ? ` [${error.rule}]` : "";
  // What is neither ours nor a mismatch is a bug: its place matters.
  const expected = error.name === "MlsError" || error.name === "Mismatch";
  const place = expected ? "" : ` ${error.stack?.split("\n")[1]?.trim() ?? ""}`;
  const cause = error.cause instanceof Error ? ` ← ${describe(error.cause)}` : "";
  return `${error.name}${code}${rule}: ${error.message}${place}${cause}`;
}
