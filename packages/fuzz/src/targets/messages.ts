import { equalBytes } from "@openmls-ts/traits";
import type { Checker, Outcome } from "../checker.ts";
import { decodeMlsMessage, encodeMlsMessage } from "../core.ts";
import { Failure } from "../failure.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateValue } from "../mutate-value.ts";
import { expectAlive, people, stateOf } from "../people.ts";
import { samplesOf } from "../samples.ts";
import type { Attack, Target } from "../target.ts";
import type { Random } from "../random.ts";

/** How often a genuine message is sent in between. */
const PULSE = 50;

function damaged(random: Random, sample: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  if (random.once(2)) {
    try {
      return encodeMlsMessage(mutateValue(random, decodeMlsMessage(sample)));
    } catch {
      // not a value that can be written
    }
  }
  return mutateBytes(random, sample, corpus);
}

/** That nothing came of a damaged message: an own one is known by its header. @throws Failure */
function expectNothing(outcome: Outcome<{ readonly kind: string }>): void {
  if (outcome.ok && outcome.value.kind !== "ownEcho") {
    throw new Failure("forgery", `a damaged message was taken for a genuine ${outcome.value.kind}`);
  }
}

/** A live group that gets damaged messages of an insider's and of newcomers', who neither sign nor seal them again. */
export const messages: Target = {
  name: "messages",
  length: 500,
  open: async (random: Random, checker: Checker): Promise<Attack> => {
    const world = await people(random);
    const { bob, alice } = world;
    const samples = await samplesOf(world);
    const corpus = [...samples.messages, samples.keyPackage, samples.welcome, samples.groupInfo];
    let count = 0;
    return async () => {
      const bytes = damaged(random, random.pick(corpus), corpus);
      if (corpus.some((genuine) => equalBytes(genuine, bytes))) return false;
      checker.input = bytes;
      expectNothing(
        await checker.call(
          async () => bob.group.processMessage(bytes),
          () => stateOf(bob),
        ),
      );
      count += 1;
      if (count % PULSE === 0) await expectAlive(checker, alice, bob);
      return false;
    };
  },
};
