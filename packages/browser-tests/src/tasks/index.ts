import { conformance, cryptoConformance, encryptedConformance, writeTime } from "./conformance.ts";
import { countHeld, deleteDatabase, hold, persistence, readHeld, writeMuch } from "./faults.ts";
import { keepPastEpochs, storyBegins, storyGoesOn } from "./story.ts";
import { aliceRetries, aliceTakesTurns, bobReads, bobWrites } from "./tabs.ts";
import { vectors } from "./vectors.ts";

/** Everything that a page, a worker or a service worker can be told to do: from plain data to plain data. */
export interface Tasks {
  readonly conformance: typeof conformance;
  readonly cryptoConformance: typeof cryptoConformance;
  readonly encryptedConformance: typeof encryptedConformance;
  readonly writeTime: typeof writeTime;
  readonly storyBegins: typeof storyBegins;
  readonly storyGoesOn: typeof storyGoesOn;
  readonly vectors: typeof vectors;
  readonly keepPastEpochs: typeof keepPastEpochs;
  readonly bobWrites: typeof bobWrites;
  readonly aliceTakesTurns: typeof aliceTakesTurns;
  readonly aliceRetries: typeof aliceRetries;
  readonly bobReads: typeof bobReads;
  readonly hold: typeof hold;
  readonly readHeld: typeof readHeld;
  readonly deleteDatabase: typeof deleteDatabase;
  readonly writeMuch: typeof writeMuch;
  readonly countHeld: typeof countHeld;
  readonly persistence: typeof persistence;
}

const tasks: Tasks = {
  conformance,
  cryptoConformance,
  encryptedConformance,
  writeTime,
  storyBegins,
  storyGoesOn,
  vectors,
  keepPastEpochs,
  bobWrites,
  aliceTakesTurns,
  aliceRetries,
  bobReads,
  hold,
  readHeld,
  deleteDatabase,
  writeMuch,
  countHeld,
  persistence,
};

export type TaskName = keyof Tasks;

/** An order as it travels. */
export interface Order {
  readonly name: TaskName;
  readonly argument: unknown;
}

/** What became of an order. */
export type Reply = { readonly value: unknown } | { readonly error: string };

/** Carries out an order. Never rejects. */
export async function carryOut({ name, argument }: Order): Promise<Reply> {
  try {
    return { value: await (tasks[name] as (given: unknown) => Promise<unknown>)(argument) };
  } catch (error) {
    return { error: error instanceof Error ? `${String(error)}\n${error.stack ?? ""}` : String(error) };
  }
}
