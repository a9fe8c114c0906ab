import type { Fault } from "./fault.ts";

/** What the child process is asked: do these tests notice this fault? Without one: do they pass? */
export interface Question {
  readonly root: string;
  readonly fault: Fault | undefined;
  /** Files, relative to the root; run in this order until one fails. */
  readonly tests: readonly string[];
}

/** What came of it. */
export interface Answer {
  /** Files of tests. */
  readonly ran: number;
  /** The file that failed. */
  readonly by?: string;
  /** The runner itself failed. */
  readonly broken?: string;
}
