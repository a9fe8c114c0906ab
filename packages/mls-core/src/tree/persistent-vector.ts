const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

// A node of the trie: values at level 0, nodes of the level below above it. Never changed once it is reachable.
type TrieNode = readonly unknown[];

const EMPTY: TrieNode = [];

function shiftFor(length: number): number {
  let shift = 0;
  while (WIDTH * 2 ** shift < length) {
    shift += BITS;
  }
  return shift;
}

function childOf(node: TrieNode | undefined, at: number): TrieNode | undefined {
  return node?.[at] as TrieNode | undefined;
}

/** Makes a trie deeper or shallower; its first values keep their indices. */
function reshape(node: TrieNode, from: number, to: number): TrieNode {
  let reshaped = node;
  for (let shift = from; shift < to; shift += BITS) {
    reshaped = [reshaped];
  }
  for (let shift = from; shift > to; shift -= BITS) {
    reshaped = childOf(reshaped, 0) ?? EMPTY;
  }
  return reshaped;
}

/**
 * An immutable vector: a 32-way trie of which every version shares what it did not change with the one it was made
 * from. Reading and replacing a value takes a handful of steps whatever the length.
 */
export class PersistentVector<T> {
  readonly length: number;
  readonly #shift: number;
  readonly #root: TrieNode;

  private constructor(length: number, shift: number, root: TrieNode) {
    this.length = length;
    this.#shift = shift;
    this.#root = root;
  }

  /** A vector of `length` values, each made by `fill` from its index. */
  static build<T>(length: number, fill: (index: number) => T): PersistentVector<T> {
    return new PersistentVector<T>(0, 0, EMPTY).resize(length, fill);
  }

  /** The value at an index, or `undefined` outside of the vector. */
  get(index: number): T | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      return undefined;
    }
    let node: TrieNode | undefined = this.#root;
    for (let shift = this.#shift; shift > 0; shift -= BITS) {
      node = childOf(node, (index >>> shift) & MASK);
    }
    return node?.[index & MASK] as T | undefined;
  }

  /** A vector with another value at an index inside of it. */
  set(index: number, value: T): PersistentVector<T> {
    const replace = (node: TrieNode, shift: number): TrieNode => {
      const at = (index >>> shift) & MASK;
      const copy = node.slice();
      copy[at] = shift === 0 ? value : replace(childOf(node, at) ?? EMPTY, shift - BITS);
      return copy;
    };
    return new PersistentVector<T>(this.length, this.#shift, replace(this.#root, this.#shift));
  }

  /** A vector cut or extended to `length`; new values are made by `fill` from their index. */
  resize(length: number, fill: (index: number) => T): PersistentVector<T> {
    const kept = Math.min(length, this.length);
    const topShift = shiftFor(length);
    const make = (node: TrieNode | undefined, shift: number, start: number): TrieNode => {
      const step = 2 ** shift;
      if (node !== undefined && start + step * WIDTH <= kept) {
        return node; // untouched, shared
      }
      const made: unknown[] = [];
      for (let at = 0; at < WIDTH && start + at * step < length; at++) {
        const index = start + at * step;
        if (shift > 0) {
          made.push(make(childOf(node, at), shift - BITS, index));
        } else {
          made.push(index < kept ? node?.[at] : fill(index));
        }
      }
      return made;
    };
    return new PersistentVector<T>(
      length,
      topShift,
      make(reshape(this.#root, this.#shift, topShift), topShift, 0),
    );
  }

  /** All values in order. */
  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.length; index++) {
      yield this.get(index) as T;
    }
  }

  /**
   * What must be done to `base` to get this vector: ascending indices with their values, and `undefined` for those
   * that are no longer part of it. Skips whatever the two share.
   */
  changesSince(base: PersistentVector<T>): [index: number, value: T | undefined][] {
    const changes: [number, T | undefined][] = [];
    const topShift = Math.max(this.#shift, base.#shift);
    const compare = (
      now: TrieNode | undefined,
      before: TrieNode | undefined,
      shift: number,
      start: number,
    ): void => {
      if (now === before) {
        return;
      }
      const entries = Math.max(now?.length ?? 0, before?.length ?? 0);
      for (let at = 0; at < entries; at++) {
        const index = start + at * 2 ** shift;
        if (shift > 0) {
          compare(childOf(now, at), childOf(before, at), shift - BITS, index);
        } else if (now?.[at] !== before?.[at]) {
          changes.push([index, now?.[at] as T | undefined]);
        }
      }
    };
    compare(
      reshape(this.#root, this.#shift, topShift),
      reshape(base.#root, base.#shift, topShift),
      topShift,
      0,
    );
    return changes;
  }
}
