import { utf8 } from "@openmls-ts/traits";
import { expect } from "vitest";
import { proposals } from "../../index.ts";
import { carryProposal } from "./carry.ts";
import { expectRefused, own, reloaded } from "./checks.ts";
import type { Plays, StepOf } from "./steps.ts";
import { say } from "./talk.ts";
import type { Peer, World } from "./world.ts";

const CONFLICT = ["ERR_MLS_STORAGE_CONFLICT"];

/** Two objects on one store: the second one writes, the first one notices, catches up and goes on. */
export const doubles: Plays<"double"> = {
  double: async (world, step) => {
    const peer = world.peer(step.by);
    const first = peer.group;
    const second = await reloaded(peer);
    peer.group = second;
    const wrote = await write(world, peer, step);
    if (wrote) {
      const behind = { client: peer.client, group: first };
      const signer = world.signer(peer);
      await world.inVain(async () => {
        await expectRefused(behind, async () => first.setConfig({ paddingSize: 64 }), CONFLICT);
        await expectRefused(behind, async () => first.selfUpdate(signer), CONFLICT);
        if (first.pendingProposals.length === 0) {
          await expectRefused(behind, async () => first.createMessage(signer, utf8("too late")), CONFLICT);
        }
      });
    }
    await first.reload();
    expect(own(first)).toEqual(own(second));
    if (step.back) {
      peer.group = first;
      await say(world, peer, 1);
    }
  },
};

/** Has a member's second object write something. @returns whether it did */
async function write(world: World, peer: Peer, { what }: StepOf<"double">): Promise<boolean> {
  const { group } = peer;
  const [known] = group.knownProposals;
  if (what === "speak") {
    return say(world, peer, 1);
  }
  if (what === "dismiss" && known?.wanted === true) {
    world.book.want(peer.client.name, world.book.references[0]!, false);
    return group.removePendingProposal(known.reference);
  }
  const sent = await group.propose(world.signer(peer), proposals.update());
  await carryProposal(world, sent, { kind: "update", who: peer.client.name }, peer);
  return true;
}
