import { concatBytes } from "@openmls-ts/traits";
import type { Random } from "./random.ts";

/** Lengths and counts at which decoders turn (RFC 9000 §16, with the two-bit prefix of a vector's length). */
const TURNING_POINTS: readonly (readonly number[])[] = [
  [0],
  [0x3f],
  [0x40, 0x40],
  [0x40, 0],
  [0x7f, 0xff],
  [0x80, 0, 0x40, 0],
  [0xbf, 0xff, 0xff, 0xff],
  [0xc0],
  [0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0x80, 0, 0, 0],
];

type Edit = (bytes: Uint8Array, at: number, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

function splice(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + removed)));
}

const EDITS: readonly Edit[] = [
  (bytes, at, random) => splice(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.int(8)))),
  (bytes, at, random) => splice(bytes, at, 1, random.bytes(1)),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, random) => splice(bytes, at, 1 + random.int(8), new Uint8Array()),
  (bytes, at, random) => splice(bytes, at, 0, random.bytes(1 + random.int(8))),
  (bytes, at, random) => {
    const put = Uint8Array.from(random.pick(TURNING_POINTS));
    return splice(bytes, at, random.once(2) ? put.length : 1, put);
  },
  (bytes, at, random) => splice(bytes, random.int(bytes.length), 0, bytes.subarray(at, at + random.int(64))),
  (bytes, at, random, corpus) => {
    const other = random.pick(corpus);
    return concatBytes(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)));
  },
  (bytes, at, random) => withOtherLength(bytes, at, random),
];

/** Gives something that looks like a short vector another length, with a content of that length. */
function withOtherLength(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const length = bytes[at] ?? 0;
  if (length >= 0x40 || at + 1 + length > bytes.length) return bytes.slice(0, at);
  const next = random.int(0x40);
  return splice(bytes, at, 1 + length, concatBytes(Uint8Array.of(next), random.bytes(next)));
}

/** Bytes with one to four of them, or of their runs, changed. */
export function mutateBytes(
  random: Random,
  sample: Uint8Array,
  corpus: readonly Uint8Array[] = [sample],
): Uint8Array {
  let bytes = sample;
  for (let edits = 1 + random.int(4); edits > 0; edits--) {
    bytes = random.pick(EDITS)(bytes, random.int(bytes.length), random, corpus);
  }
  return bytes.slice();
}
