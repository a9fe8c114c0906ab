import { performance } from "node:perf_hooks";

/** Counts what passed, and says what did not. */
export class Checks {
  readonly #say: (line: string) => void;
  #passed = 0;
  #failed = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Runs one part; what it throws is a failure. @param body gives a note for people */
  async part(
    name: string,
    body: () => Promise<{ readonly passed: number; readonly note?: string }>,
  ): Promise<void> {
    const started = performance.now();
    const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      const { passed, note } = await body();
      this.#passed += passed;
      this.#say(`ok    ${name}: ${note ?? `${passed} passed`}, ${seconds()}`);
    } catch (error) {
      this.#failed++;
      this.#say(`FAIL  ${name}, ${seconds()}\n${String(error)}`);
    }
  }

  get summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}

/** A report of cases, none of which failed. @throws Error that lists those that did */
export function allPassed(report: { readonly passed: number; readonly failed: readonly string[] }): {
  readonly passed: number;
} {
  if (report.failed.length > 0 || report.passed === 0) {
    throw new Error(`${report.passed} passed, ${report.failed.length} failed\n${report.failed.join("\n")}`);
  }
  return { passed: report.passed };
}
