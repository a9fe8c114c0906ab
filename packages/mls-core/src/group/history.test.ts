import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import type { CryptoProvider } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { playHistory } from "../testing/history/play.ts";
import { histories, type Range } from "../testing/history/steps.ts";

// To play a failed history again: MLS_HISTORY_SEED and MLS_HISTORY_PATH as the failure prints them.
const { MLS_LONG_HISTORIES, MLS_HISTORY_SEED, MLS_HISTORY_PATH } = process.env;
const LONG = MLS_LONG_HISTORIES === "1";

interface Run {
  readonly crypto: CryptoProvider;
  readonly suite: number;
  /** How many histories. */
  readonly times: number;
  /** Members at the beginning; later as many as that at most. */
  readonly members: Range;
  /** Steps of one history. */
  readonly length: Range;
}

const [node, web, noble] = [nodeCrypto(), webCrypto(), nobleCrypto()];
const FEW: Range = { min: 2, max: 10 };
const MANY: Range = { min: 30, max: 40 };

function run(crypto: CryptoProvider, suite: number, times: number, members: Range, length: Range): Run {
  return { crypto, suite, times, members, length };
}

const SHORT_RUNS: readonly Run[] = [
  run(node, 1, 14, FEW, { min: 20, max: 50 }),
  run(node, 1, 1, MANY, { min: 20, max: 25 }),
  ...[2, 3, 4, 5, 6, 7].map((suite) => run(node, suite, 2, FEW, { min: 10, max: 20 })),
  run(web, 1, 3, FEW, { min: 10, max: 25 }),
  run(noble, 1, 2, FEW, { min: 10, max: 15 }),
  run(noble, 1, 1, MANY, { min: 5, max: 8 }),
];

const LONG_RUNS: readonly Run[] = [
  run(node, 1, 300, FEW, { min: 20, max: 100 }),
  ...[1, 2, 3, 4, 5, 6, 7].map((suite) => run(node, suite, 4, MANY, { min: 60, max: 120 })),
  ...[1, 2, 3, 7].map((suite) => run(web, suite, 2, MANY, { min: 40, max: 80 })),
  ...[1, 2, 3].map((suite) => run(noble, suite, 1, MANY, { min: 30, max: 40 })),
];

describe("a random history of a group", () => {
  it.each((LONG ? LONG_RUNS : SHORT_RUNS).map((one) => ({ ...one, name: one.crypto.name })))(
    "keeps its members together: $name, suite $suite, $members.min to $members.max members, $times times",
    async ({ crypto, suite, times, members, length }) => {
      const property = fc.asyncProperty(histories(members, length), async (history) => {
        await playHistory(crypto, suite, history, members.max);
      });
      const outcome = await fc.check(property, {
        numRuns: times,
        unbiased: true, // the picks are taken modulo small numbers: every value is as good as another
        interruptAfterTimeLimit: LONG ? 1_200_000 : 50_000, // ends the shrinking, so that the seed gets printed
        // every day the same histories, in the long runs new ones
        ...(LONG && MLS_HISTORY_SEED === undefined ? {} : { seed: Number(MLS_HISTORY_SEED ?? 9420) }),
        ...(MLS_HISTORY_PATH === undefined ? {} : { path: MLS_HISTORY_PATH }),
      });
      if (outcome.failed) {
        throw new Error(await fc.asyncDefaultReportMessage(outcome), { cause: outcome.errorInstance });
      }
      expect(outcome.numRuns).toBeGreaterThan(0);
    },
  );
});
