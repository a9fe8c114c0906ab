import type { Checker } from "./checker.ts";
import type { Random } from "./random.ts";

/** What is attacked, and how. */
export interface Target {
  readonly name: string;
  /** Attacks after which everything is built anew. */
  readonly length: number;
  /** Builds what is attacked. All that is random comes from `random`. @returns one attack; it throws a Failure */
  open(random: Random, checker: Checker): Promise<Attack>;
}

/** One attack. @returns true if what is attacked is used up */
export type Attack = () => Promise<boolean>;
