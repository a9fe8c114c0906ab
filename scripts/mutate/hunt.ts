import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Fault } from "./fault.ts";
import type { Answer, Question } from "./question.ts";

/** What became of a planted fault. */
export interface Verdict {
  readonly fault: Fault;
  readonly caught: boolean;
  /** The file of tests that noticed it, or that it never ended. */
  readonly by: string | undefined;
}

/** Asks tests about faults, in a child process that is ended when a fault makes it hang. */
export class Hunt {
  readonly #root: string;
  readonly #patience: number;
  #child: ChildProcess | undefined;

  /** @param patience how long the tests of one step may take, in milliseconds; for the first step it is a quarter */
  constructor(root: string, patience = 480_000) {
    this.#root = root;
    this.#patience = patience;
  }

  /** Whether tests notice a fault: the likeliest first, then all others. */
  async judge(fault: Fault, tests: readonly string[]): Promise<Verdict> {
    const likely = 6;
    for (const [step, patience] of [
      [tests.slice(0, likely), this.#patience / 4],
      [tests.slice(likely), this.#patience],
    ] as const) {
      if (step.length === 0) continue;
      const answer = await this.#ask({ root: this.#root, fault, tests: step }, patience);
      if (answer === undefined) return { fault, caught: true, by: "it does not end" };
      if (answer.broken !== undefined) throw new Error(`${fault.file}: ${answer.broken}`);
      if (answer.by !== undefined) return { fault, caught: true, by: answer.by };
    }
    return { fault, caught: false, by: undefined };
  }

  /** Files of tests that fail with no fault at all: what they say is worth nothing. */
  async failing(tests: readonly string[]): Promise<string[]> {
    const failing: string[] = [];
    for (let rest = tests; rest.length > 0;) {
      const answer = await this.#ask({ root: this.#root, fault: undefined, tests: rest }, this.#patience);
      if (answer === undefined || answer.broken !== undefined) return [...rest];
      if (answer.by === undefined) break;
      failing.push(answer.by);
      rest = rest.filter((test) => test !== answer.by);
    }
    return failing;
  }

  /** Ends the child process. */
  close(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    // the workers of vitest are of its group
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }

  async #ask(question: Question, patience: number): Promise<Answer | undefined> {
    const child = (this.#child ??= startRunner());
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        child.off("message", onMessage);
        child.off("exit", onExit);
        action();
      };
      const onMessage = (answer: Answer): void => settle(() => resolve(answer));
      const onExit = (): void =>
        settle(() => {
          this.#child = undefined;
          reject(new Error("the runner died"));
        });
      const timer = setTimeout(
        () =>
          settle(() => {
            this.close();
            resolve(undefined);
          }),
        patience,
      );
      child.on("message", onMessage);
      child.on("exit", onExit);
      child.send(question);
    });
  }
}

function startRunner(): ChildProcess {
  return fork(fileURLToPath(new URL("runner.ts", import.meta.url)), {
    detached: true, // a group of its own, to be ended with all that it starts
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, VITEST: "" },
  });
}
