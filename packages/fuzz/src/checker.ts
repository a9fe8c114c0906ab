import { isMlsError, type MlsError } from "@openmls-ts/traits";
import { getHeapStatistics } from "node:v8";
import { Failure } from "./failure.ts";

/** What one call may cost. */
export interface CallLimits {
  readonly milliseconds: number;
  readonly bytes: number;
}

const LIMITS: CallLimits = { milliseconds: 1000, bytes: 256 * 2 ** 20 };

/** How many times longer than allowed a call may take on a machine that is busy with something else. */
const PATIENCE = 20;

/** What came of a call. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: MlsError };

/** In words, for comparing members: the code and the rule of a refusal. */
export function verdict(outcome: Outcome<unknown>): string {
  return outcome.ok ? "accepted" : `${outcome.error.code} ${outcome.error.rule ?? ""}`.trim();
}

function heap(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Makes calls, and fails where one does what no call may do. */
export class Checker {
  readonly #limits: CallLimits;
  /** Calls that were made, and how many of them were refused. */
  calls = 0;
  refusals = 0;
  /** What the last call was about, for the report of a failure. */
  input: Uint8Array = new Uint8Array();

  constructor(limits: Partial<CallLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * One call.
   * @param state what may not change if the call is refused, as text; default: nothing
   * @throws Failure
   */
  async call<T>(work: () => T | Promise<T>, state: () => string = () => ""): Promise<Outcome<T>> {
    const before = state();
    const outcome = await this.#measured(work);
    this.calls += 1;
    if (!outcome.ok) {
      this.refusals += 1;
      const after = state();
      if (after !== before) {
        throw new Failure("state", `${verdict(outcome)} changed ${difference(before, after)}`, outcome.error);
      }
    }
    return outcome;
  }

  /** A call that has to succeed. @throws Failure */
  async must<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    const outcome = await this.call(work);
    if (!outcome.ok) {
      throw new Failure("liveness", `${what}: ${verdict(outcome)}: ${outcome.error.message}`, outcome.error);
    }
    return outcome.value;
  }

  async #measured<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
    const { milliseconds, bytes } = this.#limits;
    const [heapBefore, peakBefore] = [heap(), process.resourceUsage().maxRSS];
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const outcome = await this.#settled(work);
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    // both: a busy machine makes calls long, other threads of this process make them costly
    if (wall > milliseconds && (user + system) / 1000 > milliseconds) {
      throw new Failure("slow", `a call took ${Math.round(wall)} ms`);
    }
    const grown = Math.max(heap() - heapBefore, (process.resourceUsage().maxRSS - peakBefore) * 1024);
    if (grown > bytes) {
      throw new Failure("memory", `a call took ${Math.round(grown / 2 ** 20)} MiB`);
    }
    return outcome;
  }

  async #settled<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const patience = this.#limits.milliseconds * PATIENCE;
      timer = setTimeout(() => reject(new Failure("slow", `a call did not end in ${patience} ms`)), patience);
    });
    try {
      return { ok: true, value: await Promise.race([(async () => work())(), late]) };
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (isMlsError(error) && error.code !== "ERR_MLS_INTERNAL") return { ok: false, error };
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Failure("outcome", `no MlsError: ${text}`, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The first line that two states do not have in common, short. */
function difference(before: string, after: string): string {
  const old = new Set(before.split("\n"));
  const line = after.split("\n").find((one) => !old.has(one));
  return line === undefined ? "what is no longer there" : line.slice(0, 120);
}
