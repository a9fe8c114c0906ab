import { isMlsError } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type CommitSummary, MlsGroup, type ProcessedProposal, StagedWelcome } from "../../index.ts";
import type { Entry } from "./book.ts";
import { countTables, expectRefused, own, reloaded, seen, twinOf } from "./checks.ts";
import type { Peer, World } from "./world.ts";

/**
 * Has everybody but its sender take in a proposal. The same one signed twice is one proposal, where signatures are
 * deterministic.
 */
export async function carryProposal(
  world: World,
  { message, reference }: { readonly message: Uint8Array; readonly reference?: Uint8Array },
  entry: Omit<Entry, "sender">,
  from?: Peer,
): Promise<void> {
  world.sent(message, from);
  let taken: ProcessedProposal | undefined;
  for (const peer of world.peers) {
    const processed = await peer.group.processMessage(message);
    if (peer === from) {
      expect(processed).toMatchObject({ kind: "ownEcho", pendingCommit: false });
      continue;
    }
    if (processed.kind !== "proposal") {
      throw new Error(`expected a proposal, not ${processed.kind}`);
    }
    expect(processed.stored).toBe(from !== undefined);
    if (!processed.stored) {
      await peer.group.storePendingProposal(processed);
    }
    taken ??= processed;
  }
  const name = taken?.proposal.reference ?? reference!;
  expect(reference ?? name).toEqual(name);
  world.book.note(name, { ...entry, sender: from?.client.name });
  await world.observer?.keep(message, taken);
}

/**
 * Has everybody but the committer follow a commit, the observer too. One of them, by turns, also does so on a copy of its
 * store, and one restarts between processing and merging.
 */
export async function carryCommit(
  world: World,
  epoch: bigint,
  commit: Uint8Array,
  from: string,
): Promise<void> {
  world.wire.push({ bytes: commit, from, epoch });
  const turn = world.wire.length;
  const following = world.peers.filter((peer) => peer.client.name !== from);
  let summary: CommitSummary | undefined;
  for (const [i, peer] of following.entries()) {
    const twin = i === turn % following.length ? await twinOf(world, peer) : undefined;
    if (i === (turn >> 1) % following.length) {
      const lost = await peer.group.processMessage(commit);
      if (turn % 2 === 0 && lost.kind === "commit") {
        lost.stagedCommit.discard();
      }
      peer.group = await reloaded(peer); // or the result is lost with the old object
    }
    const processed = await peer.group.processMessage(commit);
    if (processed.kind !== "commit") {
      throw new Error(`expected a commit, not ${processed.kind}`);
    }
    const { stagedCommit } = processed;
    const twinProcessed = await twin?.processMessage(commit);
    if (peer.group.config.pauseForRemovals && stagedCommit.summary.removed.length > 0) {
      const early = async (): Promise<unknown> => peer.group.createMessage(world.signer(peer), commit);
      await expectRefused(peer, early, ["ERR_MLS_PENDING_COMMIT"]);
    }
    await peer.group.mergeStagedCommit(stagedCommit);
    if (twin !== undefined && twinProcessed?.kind === "commit") {
      expect(seen(twinProcessed)).toEqual(seen(processed));
      await twin.mergeStagedCommit(twinProcessed.stagedCommit);
      expect(twin.isActive).toBe(peer.group.isActive);
      if (peer.group.isActive) {
        expect(own(twin)).toEqual(own(peer.group));
      }
    }
    summary ??= { ...stagedCommit.summary, selfRemoved: false };
    expect({ ...stagedCommit.summary, selfRemoved: false }).toEqual(summary);
    expect(peer.group.pendingCommit).toBeUndefined();
    if (peer.group.isActive) {
      const twice = async (): Promise<void> => peer.group.mergeStagedCommit(stagedCommit);
      await expectRefused(peer, twice, ["ERR_MLS_STALE_COMMIT"]);
      await expectRefused(peer, async () => peer.group.processMessage(commit), ["ERR_MLS_WRONG_EPOCH"]);
    }
  }
  await world.observer?.follow(commit, summary);
}

/** A new epoch has begun for those who are still there: takes leave of the removed and lets the newcomers in. */
export async function beginEpoch(
  world: World,
  committer: Peer,
  commit: Uint8Array,
  welcome: Uint8Array | undefined,
  expected: { readonly add: ReadonlySet<string>; readonly remove: ReadonlySet<string> },
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
    const client = world.clientNamed(name);
    const config = world.configFor(world.peers.length + Number(world.epoch));
    const ratchetTree = committer.group.exportRatchetTree();
    const tree = committer.group.config.ratchetTreeExtension ? {} : { ratchetTree };
    const staged = await StagedWelcome.fromWelcome(client.provider, welcome!, { config, ...tree });
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
