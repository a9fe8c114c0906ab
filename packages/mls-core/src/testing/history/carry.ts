import { isMlsError } from "@openmls-ts/traits";
import { expect } from "vitest";
import { MlsGroup, StagedWelcome } from "../../index.ts";
import type { Client } from "../client.ts";
import { countTables, expectRefused, own, reloaded, seen, twinOf } from "./checks.ts";
import type { Peer, World } from "./world.ts";

/** Has everybody but its sender take in a proposal. */
export async function carryProposal(world: World, message: Uint8Array, from?: Peer): Promise<void> {
  world.sent(message, from);
  for (const peer of world.peers) {
    if (peer === from) {
      expect(await peer.group.processMessage(message)).toMatchObject({
        kind: "ownEcho",
        pendingCommit: false,
      });
      continue;
    }
    const processed = await peer.group.processMessage(message);
    if (processed.kind !== "proposal") {
      throw new Error(`expected a proposal, not ${processed.kind}`);
    }
    expect(processed.stored).toBe(from !== undefined);
    if (!processed.stored) {
      await peer.group.storePendingProposal(processed);
    }
  }
}

/**
 * Has everybody but the committer follow a commit. One of them, by turns, also does so on a copy of its store, and one
 * restarts between processing and merging.
 */
export async function carryCommit(
  world: World,
  epoch: bigint,
  commit: Uint8Array,
  except: readonly Peer[],
  author = except[0]?.client.name,
): Promise<void> {
  world.wire.push({ bytes: commit, from: author, epoch });
  const turn = world.wire.length;
  const following = world.peers.filter((peer) => !except.includes(peer));
  for (const [i, peer] of following.entries()) {
    const twin = i === turn % following.length ? await twinOf(world, peer) : undefined;
    if (i === (turn >> 1) % following.length) {
      await peer.group.processMessage(commit); // its result is lost with the old object
      peer.group = await reloaded(peer);
    }
    const processed = await peer.group.processMessage(commit);
    if (processed.kind !== "commit") {
      throw new Error(`expected a commit, not ${processed.kind}`);
    }
    const twinProcessed = await twin?.processMessage(commit);
    await peer.group.mergeStagedCommit(processed.stagedCommit);
    if (twin !== undefined && twinProcessed?.kind === "commit") {
      expect(seen(twinProcessed)).toEqual(seen(processed));
      await twin.mergeStagedCommit(twinProcessed.stagedCommit);
      expect(twin.isActive).toBe(peer.group.isActive);
      if (peer.group.isActive) {
        expect(own(twin)).toEqual(own(peer.group));
      }
    }
    expect(peer.group.pendingCommit).toBeUndefined();
    if (peer.group.isActive) {
      await expectRefused(peer, async () => peer.group.mergeStagedCommit(processed.stagedCommit), [
        "ERR_MLS_STALE_COMMIT",
      ]);
      await expectRefused(peer, async () => peer.group.processMessage(commit), ["ERR_MLS_WRONG_EPOCH"]);
    }
  }
}

/** A new epoch has begun for those who are still there: takes leave of the removed and lets the newcomers in. */
export async function beginEpoch(
  world: World,
  committer: Peer,
  commit: Uint8Array,
  welcome: Uint8Array | undefined,
  expected: { readonly add: ReadonlySet<string>; readonly remove: ReadonlySet<string> },
  newcomers: ReadonlyMap<string, Client>,
): Promise<void> {
  for (const name of expected.remove) {
    const peer = world.byName(name);
    if (peer !== undefined && peer !== committer) {
      world.leave(peer);
      await checkLeft(peer, commit);
    }
  }
  expect(welcome === undefined).toBe(expected.add.size === 0);
  for (const name of expected.add) {
    const client = newcomers.get(name)!;
    const config = world.configFor(world.peers.length + Number(world.epoch));
    const ratchetTree = committer.group.exportRatchetTree();
    const staged = await StagedWelcome.fromWelcome(client.provider, welcome!, {
      config,
      ...(committer.group.config.ratchetTreeExtension ? {} : { ratchetTree }),
    });
    expect(staged.members()).toEqual(committer.group.members());
    expect(staged.sender).toBe(committer.group.ownLeafIndex);
    world.join(client, config, await staged.intoGroup());
    const again = await StagedWelcome.fromWelcome(client.provider, welcome!, { ratchetTree }).catch(
      (error: unknown) => error,
    );
    expect(isMlsError(again, "ERR_MLS_NO_MATCHING_KEY_PACKAGE")).toBe(true); // the KeyPackage is used up
  }
  world.newEpoch();
  if (welcome !== undefined) {
    world.sent(welcome, committer);
  }
}

/** Who was removed is out, and nothing of the group is left in its store. */
async function checkLeft(peer: Peer, commit: Uint8Array): Promise<void> {
  const { group, client } = peer;
  expect(group.isActive).toBe(false);
  expect(countTables(client.storage, group.groupId).size).toBe(0);
  await expectRefused(peer, async () => group.processMessage(commit), ["ERR_MLS_GROUP_INACTIVE"]);
  await expectRefused(peer, async () => group.createMessage(client.signer, commit), [
    "ERR_MLS_GROUP_INACTIVE",
  ]);
  expect(await MlsGroup.load(client.provider, group.groupId)).toBeUndefined();
}
