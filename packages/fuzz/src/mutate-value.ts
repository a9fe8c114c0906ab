import { isBytes } from "@openmls-ts/traits";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Random } from "./random.ts";

const NUMBERS: readonly number[] = [0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 0x0a0a, 65_535, 2 ** 31, 2 ** 32 - 1];
const BIGINTS: readonly bigint[] = [0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];

type Fields = Readonly<Record<string, unknown>>;

function changedList(random: Random, list: readonly unknown[]): readonly unknown[] {
  const at = random.int(list.length);
  const to = random.int(list.length);
  const copy = [...list];
  switch (random.int(5)) {
    case 0:
      return [];
    case 1:
      copy.splice(at, 1);
      return copy;
    case 2:
      copy.splice(to, 0, list[at]);
      return copy;
    case 3:
      [copy[at], copy[to]] = [copy[to], copy[at]];
      return copy;
    default:
      return Array.from({ length: 1 + random.int(40) }, () => list[at]);
  }
}

function changedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  switch (random.int(4)) {
    case 0:
      return new Uint8Array(random.pick([0, 1, bytes.length, 255, 256]));
    case 1:
      return random.bytes(bytes.length);
    default:
      return mutateBytes(random, bytes);
  }
}

function changed(random: Random, value: unknown): unknown {
  if (isBytes(value)) return changedBytes(random, value);
  if (Array.isArray(value)) return value.length === 0 ? value : changedList(random, value);
  switch (typeof value) {
    case "number":
      return random.once(2) ? random.pick(NUMBERS) : Math.max(0, value + random.pick([-1, 1]));
    case "bigint":
      return random.once(2) ? random.pick(BIGINTS) : value + 1n;
    case "boolean":
      return !value;
    default:
      return value;
  }
}

/** Weights of the fields of a value: how many changes are possible in it. */
function size(value: unknown): number {
  if (typeof value !== "object" || value === null || isBytes(value)) return 1;
  return 1 + Object.values(value).reduce<number>((sum, field) => sum + size(field), 0);
}

/**
 * A structure with one thing in it changed: a number, bytes, the order or number of a list. What holds it is copied, all else
 * shared. The result fits the type as far as types of numbers go, and may break every other rule.
 */
export function mutateValue<T>(random: Random, value: T): T {
  if (typeof value !== "object" || value === null || isBytes(value)) {
    return changed(random, value) as T;
  }
  const entries = Object.entries(value as Fields);
  const own = Array.isArray(value) ? 1 : 0;
  let place = random.int(size(value) - 1 + own);
  if (place < own) return changed(random, value) as T;
  place -= own;
  for (const [name, field] of entries) {
    const weight = size(field);
    if (place < weight) {
      const next = mutateValue(random, field);
      return (
        Array.isArray(value)
          ? value.map((item: unknown, at) => (String(at) === name ? next : item))
          : { ...value, [name]: next }
      ) as T;
    }
    place -= weight;
  }
  return value;
}
