import { bytesToHex } from "@openmls-ts/traits";
import { Checker } from "./checker.ts";
import { Failure } from "./failure.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

/** A failure with all that is needed to have it again. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  /** Number of the session, and of the attack in it, from 0. */
  readonly session: number;
  readonly attack: number;
  readonly kind: string;
  readonly message: string;
  /** The bytes of the last call, as hexadecimal. */
  readonly input: string;
}

/** When to stop. */
export interface Budget {
  /** Whether there is time for another attack. */
  readonly more: (attacks: number) => boolean;
  /** The first session. Default: 0. */
  readonly session?: number;
  readonly checker?: Checker;
  /** Told after each attack. */
  readonly progress?: (attacks: number) => void;
}

/** What came of attacks on one target. */
export interface Report {
  readonly attacks: number;
  readonly calls: number;
  readonly refusals: number;
  /** The next session. */
  readonly session: number;
  readonly finding: Finding | undefined;
}

/** Attacks a target until the budget is used up, or something fails. The same seed attacks in the same way. */
export async function attackTarget(target: Target, seed: number, budget: Budget): Promise<Report> {
  const checker = budget.checker ?? new Checker();
  let attacks = 0;
  let session = budget.session ?? 0;
  let inSession = 0;
  const report = (finding: Finding | undefined): Report => {
    return { attacks, calls: checker.calls, refusals: checker.refusals, session, finding };
  };
  try {
    for (; budget.more(attacks); session++) {
      const attack = await target.open(new Random(seed, target.name, session), checker);
      let over = false;
      for (inSession = 0; inSession < target.length && !over && budget.more(attacks); inSession++) {
        over = await attack();
        attacks += 1;
        budget.progress?.(attacks);
      }
    }
    return report(undefined);
  } catch (error) {
    const failure =
      error instanceof Failure
        ? error
        : new Failure("outcome", error instanceof Error ? (error.stack ?? error.message) : String(error));
    return report({
      target: target.name,
      seed,
      session,
      attack: inSession,
      kind: failure.kind,
      message: failure.message,
      input: bytesToHex(checker.input),
    });
  }
}
