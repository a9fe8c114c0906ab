/**
 * The least byte string above every string that starts with `prefix`, so that an index can find them as a range.
 * @returns `undefined` when there is none: the prefix is empty or all 0xff, and its range is open above
 */
export function prefixUpperBound(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) {
    length--;
  }
  if (length === 0) {
    return undefined;
  }
  const bound = new Uint8Array(prefix.subarray(0, length));
  bound[length - 1]! += 1;
  return bound;
}
