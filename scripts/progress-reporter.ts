import { ProgressLine } from "./progress-line.ts";

/** A reporter for vitest beside another one that writes a file: shows on a terminal how far the tests are. */
export class ProgressReporter {
  readonly #line: ProgressLine;
  #total = 0;
  #done = 0;

  constructor(line: ProgressLine = new ProgressLine()) {
    this.#line = line;
  }

  onTestRunStart(specifications: readonly unknown[]): void {
    this.#total = specifications.length;
  }

  onTestModuleEnd({ relativeModuleId }: { readonly relativeModuleId: string }): void {
    this.#done += 1;
    this.#line.showShare(this.#done, this.#total, relativeModuleId);
  }

  onTestRunEnd(): void {
    this.#line.clear();
  }
}
