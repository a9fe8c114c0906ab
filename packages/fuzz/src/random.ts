/** Random numbers that a seed determines (xorshift128, started by splitmix32). Not for secrets. */
export class Random {
  readonly #state: Uint32Array;

  /** @param words anything that tells one stream from another */
  constructor(...words: readonly (number | string)[]) {
    let hash = 0x9e3779b9;
    for (const character of words.join("/")) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    }
    this.#state = Uint32Array.from({ length: 4 }, () => {
      hash = (hash + 0x9e3779b9) | 0;
      const mixed = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
      return Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    });
  }

  /** 0 to 2^32 - 1. */
  word(): number {
    const [a, b, c, d] = this.#state as unknown as [number, number, number, number];
    const t = a ^ (a << 11);
    const next = (d ^ (d >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    this.#state.set([b, c, d, next]);
    return next;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return below < 1 ? 0 : this.word() % below;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.int(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.int(list.length)];
    if (list.length === 0) throw new RangeError("nothing to pick from");
    return found as T;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = this.word() & 0xff;
    return bytes;
  }
}
