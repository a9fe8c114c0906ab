import type { Watch, WorkTask } from "./work.ts";

// Enough to keep a thread pool busy, few enough to bound what is in flight.
const AT_ONCE = 64;

/**
 * Maps with a bounded number of promises at a time, in order; the first failure ends it.
 * @param watch asked before each batch, and told when all is done
 */
export async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  watch?: Watch,
  task: WorkTask = "leaves",
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    watch?.(task, start, items.length);
    const batch = items.slice(start, start + AT_ONCE);
    results.push(...(await Promise.all(batch.map(async (item, at) => work(item, start + at)))));
  }
  if (items.length > 0) {
    watch?.(task, items.length, items.length);
  }
  return results;
}
