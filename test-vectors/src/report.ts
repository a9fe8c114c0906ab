import type { Job, Outcome } from "./job.ts";
import type { Unusable } from "./loader.ts";

/** One line of the result: what `--json` prints. */
export interface Row {
  readonly file: string;
  /** `null` for files without a cipher suite. */
  readonly suite: number | null;
  readonly provider: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why cases were skipped or failed, each reason once. */
  readonly reasons: readonly string[];
}

/** Adds up the outcomes of a file, suite and provider. */
export class Results {
  readonly #rows = new Map<string, Row>();

  add(job: Pick<Job, "file" | "suite" | "provider">, outcome: Omit<Outcome, "milliseconds">): void {
    const { file, suite, provider } = job;
    const key = `${file}\n${suite ?? "-"}\n${provider}`;
    const row = this.#rows.get(key) ?? {
      file,
      suite,
      provider,
      passed: 0,
      failed: 0,
      skipped: 0,
      reasons: [],
    };
    const why = [
      ...outcome.reasons,
      ...outcome.failures.slice(0, 3).map((f) => `case ${f.case}: ${f.message}`),
    ];
    this.#rows.set(key, {
      ...row,
      passed: row.passed + outcome.passed,
      failed: row.failed + outcome.failures.length,
      skipped: row.skipped + outcome.skipped,
      reasons: [...new Set([...row.reasons, ...why])],
    });
  }

  /** A file that cannot be run at all. */
  addUnusable({ file, cases, reason }: Unusable, provider: string, kind: "skipped" | "failed"): void {
    const failures = Array.from({ length: kind === "failed" ? cases : 0 }, (_, index) => ({
      case: index,
      message: reason,
    }));
    const skipped = kind === "skipped" ? cases : 0;
    this.add(
      { file, suite: null, provider },
      { passed: 0, skipped, failures, reasons: kind === "skipped" ? [reason] : [] },
    );
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()].sort((a, b) => order(sortKey(a), sortKey(b)));
  }
}

function sortKey({ file, suite, provider }: Row): string {
  return `${file} ${String(suite ?? 0).padStart(5, "0")} ${provider}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A line for each file and suite, a column for each provider, and what was skipped below. */
export function table(rows: readonly Row[], providers: readonly string[]): string {
  const notes: string[] = [];
  const lines: string[][] = [["file", "suite", ...providers]];
  const byLine = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.file}\n${row.suite ?? "-"}`;
    byLine.set(key, [...(byLine.get(key) ?? []), row]);
  }
  for (const [key, line] of byLine) {
    const cells = providers.map((name) => {
      const row = line.find(({ provider }) => provider === name);
      return row === undefined ? "" : cell(row, notes);
    });
    lines.push([...key.split("\n"), ...cells]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((value, i) => value.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  text.push("", ...providers.map((name) => total(rows, name)));
  text.push(...notes.map((note, i) => `[${i + 1}] ${note}`));
  return text.join("\n");
}

function cell(row: Row, notes: string[]): string {
  const parts: string[] = [];
  if (row.passed > 0) {
    parts.push(`${row.passed} passed`);
  }
  if (row.failed > 0) {
    parts.push(`${row.failed} FAILED`);
  }
  if (row.skipped > 0) {
    parts.push(
      `${row.skipped} skipped ${row.reasons.map((reason) => `[${noteOf(reason, notes)}]`).join("")}`,
    );
  }
  return parts.join(", ");
}

function noteOf(reason: string, notes: string[]): number {
  const known = notes.indexOf(reason);
  return known >= 0 ? known + 1 : notes.push(reason);
}

function total(rows: readonly Row[], provider: string): string {
  const own = rows.filter((row) => row.provider === provider);
  const sum = (field: "passed" | "failed" | "skipped"): number => own.reduce((n, row) => n + row[field], 0);
  return `${provider}: ${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`;
}
