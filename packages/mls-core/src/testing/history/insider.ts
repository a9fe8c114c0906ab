import { expect } from "vitest";
import { ProposalType, WireFormat } from "../../registry.ts";
import type { Proposal } from "../../wire/index.ts";
import { keyPackageOf } from "../client.ts";
import { forgeCommit } from "../forge-commit.ts";
import { loadInside } from "../inside.ts";
import { expectRefused } from "./checks.ts";
import { poll } from "./custom.ts";
import { extensionsFor } from "./proposing.ts";
import type { Crime, Plays } from "./steps.ts";
import type { Peer, World } from "./world.ts";

/** What a criminal commits, by the rule that it violates. */
const CRIMES: Readonly<Record<Crime, (world: World, by: Peer, victim: Peer) => Promise<Proposal[]>>> = {
  // RFC 9420 §12.2
  valn0303: async (_, by) => [remove(by.group.ownLeafIndex)],
  valn0304: async (_, __, { group }) => [remove(group.ownLeafIndex), remove(group.ownLeafIndex)],
  valn0305: async (world) => {
    const { fields: keyPackage } = await keyPackageOf(await world.outsider());
    const add = { proposalType: ProposalType.add, keyPackage };
    return [add, add];
  },
  valn0306: async (world, _, victim) => {
    const { client, group } = victim;
    const { signatureKey } = group.ownLeafNode;
    const credentialWithKey = { ...client.credentialWithKey, signatureKey };
    const double = await keyPackageOf({ ...client, credentialWithKey, signer: world.signer(victim) });
    return [{ proposalType: ProposalType.add, keyPackage: double.fields }];
  },
  valn0308: async (world) => [await context(world), await context(world)],
  valn0309: async (world, _, { group }) => [
    { proposalType: ProposalType.reinit, groupId: world.groupId, version: 1, cipherSuite: 1, extensions: [] },
    remove(group.ownLeafIndex),
  ],
  // RFC 9420 §12.1.3
  valn0701: async (world) => [remove(world.peers.length + 1000)],
  // the feature's own
  "poll-once": async () => [poll.make(Uint8Array.of(77)), poll.make(Uint8Array.of(77))],
};

function remove(removed: number): Proposal {
  return { proposalType: ProposalType.remove, removed };
}

async function context(world: World): Promise<Proposal> {
  const extensions = await extensionsFor(world, { senders: true, required: false });
  return { proposalType: ProposalType.groupContextExtensions, extensions };
}

/** A member without scruples sends a commit that breaks one rule; everybody names the same one. */
export const insider: Plays<"crime"> = {
  crime: async (world, step) => {
    const by = world.peer(step.by);
    const others = world.others(by);
    if (others.length === 0) {
      return;
    }
    const victim = others[step.victim % others.length]!;
    const committed = await CRIMES[step.crime](world, by, victim);
    const provider = {
      ...by.client.provider,
      crypto: world.plainCrypto,
      storage: by.client.storage.snapshot(),
    };
    const state = await loadInside(provider, world.groupId);
    const wireFormat = WireFormat.mlsPublicMessage;
    const { message } = await forgeCommit(state, world.signer(by), { proposals: committed, wireFormat });
    for (const [i, peer] of [victim, ...others.filter((other) => other !== victim)].slice(0, 3).entries()) {
      const { code, rule } = await expectRefused(peer, async () => peer.group.processMessage(message));
      expect({ code, rule }).toEqual({ code: "ERR_MLS_VALIDATION", rule: step.crime });
      if (i === 0) {
        await world.observer?.refuse(message, { code, rule });
      }
    }
  },
};
