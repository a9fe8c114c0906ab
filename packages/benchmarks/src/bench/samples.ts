import { performance } from "node:perf_hooks";

/** What one operation took, in milliseconds. */
export interface Time {
  /** Of the processor, all threads together. */
  readonly cpu: number;
  /** By the clock on the wall. */
  readonly wall: number;
}

/** Carries out `run`, which does `count` operations, and returns the share of one. */
export async function timed<T>(run: () => Promise<T>, count = 1): Promise<{ result: T; time: Time }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { result, time: { cpu: (user + system) / 1000 / count, wall: wall / count } };
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
