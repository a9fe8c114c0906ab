/** What one operation took, in milliseconds. */
export interface Time {
  /** Of the processor, all threads together; in browsers, which do not tell, that of the clock. */
  readonly cpu: number;
  /** By the clock on the wall. */
  readonly wall: number;
}

/** Time of the processor until now, in milliseconds. */
function cpuTime(): number {
  if (typeof process === "undefined") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Carries out `run`, which does `count` operations, and returns the share of one. */
export async function timed<T>(run: () => Promise<T>, count = 1): Promise<{ result: T; time: Time }> {
  const cpu = cpuTime();
  const start = performance.now();
  const result = await run();
  const wall = performance.now() - start;
  return { result, time: { cpu: (cpuTime() - cpu) / count, wall: wall / count } };
}

/** Median and quartiles of samples. */
export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** @param values at least one */
export function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)]!;
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}
