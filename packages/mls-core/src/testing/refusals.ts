/** Who refuses: whoever makes something, or whoever gets it. */
export type Side = "send" | "receive";

/** A refusal at a public door. */
export interface Refusal {
  readonly rule: string;
  readonly side: Side;
  /** The call. */
  readonly call: string;
  /** Whether the group's state is the same object as before, and its store was not written. */
  readonly unchanged: boolean;
}

/** Collects the refusals of one file of tests. */
export class Refusals {
  readonly #writes = new WeakMap<object, number>();
  readonly #judged = new WeakMap<object, boolean>();
  readonly #seen = new Map<string, Refusal>();

  /** A batch is in a store. */
  written(storage: object): void {
    this.#writes.set(storage, this.writesOf(storage) + 1);
  }

  /** How many batches a store has taken; 0 for one that nobody counts. */
  writesOf(storage: object | undefined): number {
    return storage === undefined ? 0 : (this.#writes.get(storage) ?? 0);
  }

  /** What a group's own queue saw of a failed operation. */
  judged(error: unknown, unchanged: boolean): void {
    if (typeof error === "object" && error !== null) this.#judged.set(error, unchanged);
  }

  /** A call refused; where a group did, its judgement counts too. */
  refused(error: unknown, rule: string, side: Side, call: string, unchanged: boolean): void {
    const inGroup = this.#judged.get(error as object) ?? true;
    const refusal = { rule, side, call, unchanged: unchanged && inGroup };
    const key = `${rule} ${side} ${call}`;
    if (this.#seen.get(key)?.unchanged !== false) this.#seen.set(key, refusal);
  }

  /** One line of JSON each. */
  lines(): string[] {
    return [...this.#seen.values()].map((refusal) => JSON.stringify(refusal));
  }

  /** @throws Error naming each refusal that left a change */
  expectNothingChanged(): void {
    const changed = [...this.#seen.values()].filter(({ unchanged }) => !unchanged);
    if (changed.length > 0) {
      throw new Error(
        `changed by what was refused: ${changed.map(({ rule, call }) => `${rule} in ${call}`).join(", ")}`,
      );
    }
  }
}
