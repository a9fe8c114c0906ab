import { utf8 } from "@openmls-ts/traits";
import type { Proposal } from "@openmls-ts/mls-core";
import { forgeKeyPackage, forgeUpdate } from "./core.ts";
import { mutateValue } from "./mutate-value.ts";
import { insideOf, type People } from "./people.ts";
import type { Random } from "./random.ts";

/** Makes proposals, good and poisoned ones. */
export type ProposalMaker = () => Promise<Proposal>;

/**
 * A maker of proposals from whoever holds Mallory's keys: key packages and leaves that are changed and signed again, indices
 * and types from anywhere, and everything that is right.
 */
export async function proposalMaker(random: Random, world: People): Promise<ProposalMaker> {
  const { mallory, bob, newcomer } = world;
  const strangers = [await newcomer("dave"), await newcomer("erin"), bob];
  const sometimes = <T>(value: T, times = 3): T => (random.once(times) ? mutateValue(random, value) : value);
  const makers: readonly ProposalMaker[] = [
    async () => {
      const owner = random.pick(strangers);
      const leaf = <T>(one: T): T => sometimes(one);
      const fields = <T>(one: T): T => sometimes(one, 6);
      return { proposalType: 1, keyPackage: await forgeKeyPackage(owner, { leaf, fields }) };
    },
    async () => forgeUpdate(await insideOf(mallory), mallory.signer, { leaf: (leaf) => sometimes(leaf) }),
    async () =>
      Promise.resolve({ proposalType: 3, removed: random.pick([0, 1, 2, 2, 3, 4, 5, 77, 2 ** 32 - 1]) }),
    async () => {
      const psk = {
        pskType: 1,
        pskId: utf8("psk"),
        pskNonce: random.bytes(random.pick([0, 31, 32])),
      } as const;
      return Promise.resolve({ proposalType: 4, psk });
    },
    async () => {
      const reinit = { groupId: random.bytes(8), version: 1, cipherSuite: 1, extensions: [] } as const;
      return Promise.resolve(sometimes({ proposalType: 5, ...reinit } as const));
    },
    async () => Promise.resolve({ proposalType: 6, kemOutput: random.bytes(32) }),
    async () => {
      const extensionType = random.pick([1, 2, 3, 4, 5, 0xf001, 0x0a0a]);
      const extension = { extensionType, extensionData: random.bytes(random.int(12)) };
      return Promise.resolve({ proposalType: 7, extensions: random.once(2) ? [] : [extension] });
    },
  ];
  return async () => {
    try {
      return sometimes(await random.pick(makers)(), 12);
    } catch {
      return { proposalType: 3, removed: 2 }; // the poison cannot even be encoded
    }
  };
}
