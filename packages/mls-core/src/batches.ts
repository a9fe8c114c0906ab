// Enough to keep a thread pool busy, few enough to bound what is in flight.
const AT_ONCE = 64;

/** Maps with a bounded number of promises at a time, in order; the first failure ends it. */
export async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const batch = items.slice(start, start + AT_ONCE);
    results.push(...(await Promise.all(batch.map(async (item, at) => work(item, start + at)))));
  }
  return results;
}
