import { type Fault, FAULT_KINDS } from "./fault.ts";

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many of the faults, each kind in its turn as long as there are any: the same for the same seed. */
export function pickFaults(faults: readonly Fault[], count: number, seed: number): Fault[] {
  const random = randomFrom(seed);
  const rest = FAULT_KINDS.map((kind) => faults.filter((fault) => fault.kind === kind));
  const picked: Fault[] = [];
  while (picked.length < count && rest.some((list) => list.length > 0)) {
    for (const list of rest) {
      if (list.length === 0 || picked.length === count) continue;
      picked.push(...list.splice(Math.floor(random() * list.length), 1));
    }
  }
  return picked;
}
