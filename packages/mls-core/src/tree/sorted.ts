/** First position of a strictly increasing list whose value is at least `value`. */
export function lowerBound(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The values of a strictly increasing list from `start` up to but not including `end`. */
export function within(
  list: readonly number[],
  range: { readonly start: number; readonly end: number },
): readonly number[] {
  if (list.length === 0) {
    return list;
  }
  return list.slice(lowerBound(list, range.start), lowerBound(list, range.end));
}

/** A copy of a strictly increasing list with one value more. */
export function inserted(list: readonly number[], value: number): readonly number[] {
  const copy = [...list];
  copy.splice(lowerBound(list, value), 0, value);
  return copy;
}
