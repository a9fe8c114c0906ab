import { concatBytes } from "@openmls-ts/traits";

/** How many times a failure is tried again, at most. */
const TRIES = 2000;

/**
 * Bytes that fail in the same way and are fewer: runs are left out, long ones first.
 * @param fails whether bytes still fail
 */
export async function minimise(
  bytes: Uint8Array,
  fails: (bytes: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let smallest = bytes;
  let tries = 0;
  for (let run = bytes.length >> 1; run >= 1; run >>= 1) {
    for (let at = 0; at < smallest.length && tries < TRIES;) {
      const fewer = concatBytes(smallest.subarray(0, at), smallest.subarray(at + run));
      tries += 1;
      if (await fails(fewer)) smallest = fewer;
      else at += run;
    }
  }
  return smallest;
}
