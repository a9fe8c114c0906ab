/** Longest run before it is split in two: short enough that inserting into it costs next to nothing. */
const MAX_RUN = 512;

/**
 * A set of strings in ascending order of their UTF-16 units, kept as runs of bounded length: adding, deleting and
 * finding cost a binary search over the runs and one within a run, whatever the size of the set.
 */
export class SortedKeys {
  /** Never holds an empty run. */
  readonly #runs: string[][] = [];

  /** Adds a key; without effect when it is there already. */
  add(key: string): void {
    // A key beyond the end joins the last run.
    const position = Math.min(this.#findRun(key), this.#runs.length - 1);
    const run = this.#runs[position];
    if (run === undefined) {
      this.#runs.push([key]);
      return;
    }
    const at = lowerBound(run, key);
    if (run[at] === key) {
      return;
    }
    run.splice(at, 0, key);
    if (run.length > MAX_RUN) {
      // Keys mostly arrive in ascending order: the left half stays nearly full, the right one grows.
      const cut = at === run.length - 1 ? MAX_RUN : MAX_RUN >> 1;
      this.#runs.splice(position + 1, 0, run.splice(cut));
    }
  }

  /** Removes a key; without effect when it is not there. */
  delete(key: string): void {
    const position = this.#findRun(key);
    const run = this.#runs[position];
    if (run === undefined) {
      return;
    }
    const at = lowerBound(run, key);
    if (run[at] !== key) {
      return;
    }
    run.splice(at, 1);
    if (run.length === 0) {
      this.#runs.splice(position, 1);
    }
  }

  /** All keys that start with `prefix`, ascending. */
  withPrefix(prefix: string): string[] {
    const found: string[] = [];
    for (let position = this.#findRun(prefix); position < this.#runs.length; position++) {
      const run = this.#runs[position]!;
      for (let at = lowerBound(run, prefix); at < run.length; at++) {
        const key = run[at]!;
        // Keys under one prefix are neighbours, so the first other one ends the search.
        if (!key.startsWith(prefix)) {
          return found;
        }
        found.push(key);
      }
    }
    return found;
  }

  /** Position of the first run whose last key is not below `key`; the number of runs if there is none. */
  #findRun(key: string): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle]!;
      if (run[run.length - 1]! < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** Position of the first key that is not below `key`. */
function lowerBound(run: readonly string[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (run[middle]! < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
