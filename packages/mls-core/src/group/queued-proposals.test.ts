import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { proposals } from "../index.ts";
import { actor, cast, CRYPTO } from "../testing/cast.ts";
import { client, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { mlsError } from "../testing/suites.ts";
import { expectRefused, expectUnable, insideOf, newWorld } from "../testing/world.ts";

describe.each(CRYPTO)("proposals that wait for our commit (%s)", (_, crypto) => {
  it("are kept over a restart, told to nobody, and committed by value", async () => {
    const [alice, bob, charlie] = await cast(crypto, ["alice", "bob", "charlie"]);
    const dave = await client("dave", crypto);
    const added = await (await alice!.group()).queueProposal(proposals.add(await keyPackageOf(dave)));
    const removed = await (await alice!.group()).queueProposal(proposals.remove(2));
    expect(await (await alice!.group()).queueProposal(proposals.remove(2))).toEqual(removed);
    const group = await alice!.group();
    expect(group.knownProposals).toEqual([]);
    expect(group.pendingProposals).toMatchObject([
      { reference: added, byValue: true, wanted: true },
      { reference: removed, byValue: true },
    ]);
    expect(await bob!.hear(await alice!.say("nothing to commit"))).toMatchObject({ kind: "application" });
    const { commit, summary } = await (await alice!.group()).commitToPendingProposals(alice!.signer);
    expect(summary.proposals.map(({ reference }) => reference)).toEqual([undefined, undefined]);
    const { welcome } = await (await alice!.group()).mergePendingCommit();
    await bob!.hear(commit);
    await charlie!.hear(commit);
    await joinFrom(dave, welcome);
    expect((await alice!.group()).pendingProposals).toEqual([]);
    const daves = actor(dave, () => group.groupId);
    expect((await daves.group()).epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
    expect((await bob!.group()).members().map(({ identity }) => identity)).toEqual(
      ["alice", "bob", "dave"].map((name) => utf8(name)),
    );
  });

  it("swaps a member for another in one commit", async () => {
    const [alice, bob, charlie] = await cast(crypto, ["alice", "bob", "charlie"]);
    const fresh = await client("charlie", crypto);
    const swap = await (
      await alice!.group()
    ).swapMembers(alice!.signer, [charlie!.credentialWithKey.credential], [await keyPackageOf(fresh)]);
    const { welcome } = await (await alice!.group()).mergePendingCommit();
    await bob!.hear(swap.commit);
    const again = await joinFrom(fresh, welcome);
    expect(swap.summary).toMatchObject({ removed: [{ leafIndex: 2 }], added: [{ leafIndex: 2 }] });
    expect(again.ownLeafIndex).toBe(2);
    expect(again.epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
  });
});

describe("the queue of proposals", () => {
  it("is emptied: what was sent stays known, what was not is gone", async () => {
    const { alice, bob } = await newWorld();
    const { message, reference } = await bob.group.propose(bob.signer, proposals.update());
    await alice.group.processMessage(message);
    await alice.group.queueProposal(proposals.remove(2));
    const last = await alice.group.queueProposal(proposals.remove(3));
    expect(await alice.group.removePendingProposal(last)).toBe(true);
    expect(await alice.group.restorePendingProposal(last)).toBe(false);
    expect(await alice.group.clearPendingProposals()).toBe(2);
    expect(await alice.group.clearPendingProposals()).toBe(0);
    await alice.group.reload();
    expect(alice.group.pendingProposals).toEqual([]);
    expect(alice.group.knownProposals).toMatchObject([{ reference, wanted: false, byValue: false }]);
    expect(await alice.group.restorePendingProposal(reference)).toBe(true);
    const { commit, summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary).toMatchObject({ removed: [], updated: [{ leafIndex: 1 }] });
    expect(await bob.group.processMessage(commit)).toMatchObject({ kind: "commit" });
  });

  it("takes nothing that our commit could not hold", async () => {
    const { alice } = await newWorld();
    const queue = alice.group;
    await expectUnable(
      alice,
      async () => queue.queueProposal(proposals.update()),
      "ERR_MLS_USAGE",
      "valn0302",
    );
    await expectUnable(
      alice,
      async () => queue.queueProposal(proposals.remove(0)),
      "ERR_MLS_VALIDATION",
      "valn0303",
    );
    await expectUnable(
      alice,
      async () => queue.queueProposal(proposals.remove(9)),
      "ERR_MLS_VALIDATION",
      "valn0701",
    );
    await expectUnable(alice, async () => queue.queueProposal(undefined as never), "ERR_MLS_USAGE");
    await expectUnable(alice, async () => queue.swapMembers(alice.signer, 2 as never, []), "ERR_MLS_USAGE");
  });

  it("is named by nobody else's commit", async () => {
    const world = await newWorld();
    const { bob, mallory } = world;
    const reference = await bob.group.queueProposal(proposals.remove(2));
    const [queued] = bob.group.pendingProposals;
    const forged = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ ...queued!, reference }],
      apply: () => undefined,
      path: true,
    });
    await expectRefused(world, forged.message, "ERR_MLS_MISSING_PROPOSAL", "rfc82", bob);
  });

  it("fails the commit that it spoils, and says why", async () => {
    const { alice } = await newWorld();
    await alice.group.queueProposal(proposals.remove(2));
    await expect(alice.group.commit().removeMembers([2]).build(alice.signer)).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0304"),
    );
    await alice.group.clearPendingProposals();
    await alice.group.removeMembers(alice.signer, [2]);
  });
});
