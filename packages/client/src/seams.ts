/** What a client takes from the world beside providers and transport. */
export interface Seams {
  /** Seconds since 1970, by which things are made and never judged. */
  readonly now: () => bigint;
  /** Random bytes, for ids and jitter. */
  readonly random: (length: number) => Uint8Array;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The clock, timers and randomness of the runtime. */
export const systemSeams: Seams = {
  now: () => BigInt(Math.floor(Date.now() / 1000)),
  random: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  sleep: async (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
    }),
};
