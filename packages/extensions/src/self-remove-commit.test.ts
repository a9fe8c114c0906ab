import { proposals } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { selfRemove } from "./self-remove.ts";
import { begin, company, expectTogether, outsider, restart, service, spread } from "./testing/company.ts";
import { forged } from "./testing/hostile.ts";

const feature = selfRemove();
const options = { features: [feature] };
const names = ["alice", "bob", "charlie", "mallory"] as const;

describe("a commit of ours", () => {
  it("XS-06: takes in everybody who leaves", async () => {
    const { alice, bob, charlie, mallory } = await company(names, options);
    for (const leaver of [bob, mallory]) {
      await spread((await leaver.group.leave(leaver.signer)).message, alice, charlie);
    }
    await restart(alice, charlie);
    const { commit, summary, leftOut } = await alice.group.selfUpdate(alice.signer);
    expect(leftOut).toEqual([]);
    expect(summary.removed.map(({ leafIndex, left }) => [leafIndex, left])).toEqual([
      [1, true],
      [3, true],
    ]);
    await alice.group.mergePendingCommit();
    await begin(commit, charlie);
    await expectTogether(alice, charlie);
  });

  it("XS-07: leaves our own out and says so; another member commits it", async () => {
    const { alice, bob } = await company(["alice", "bob"], options);
    const { message, reference } = await bob.group.leave(bob.signer);
    await restart(bob);
    const { leftOut, summary } = await bob.group.commitToPendingProposals(bob.signer);
    expect(summary.removed).toEqual([]);
    expect(leftOut.map(({ proposal, reason }) => [proposal.reference, reason.rule])).toEqual([
      [reference, "valn0303"],
    ]);
    await bob.group.clearPendingCommit();
    await spread(message, alice);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await begin(commit, bob);
    expect(bob.group.isActive).toBe(false);
  });

  it("XS-08: prefers it to a Remove and to an Update of the leaf, whichever is newer", async () => {
    const { alice, bob, charlie, mallory } = await company(names, options);
    const update = await bob.group.propose(bob.signer, proposals.update());
    const removal = await mallory.group.propose(mallory.signer, proposals.remove(1));
    const leaving = await bob.group.leave(bob.signer);
    await spread(leaving.message, alice, charlie);
    await spread(update.message, alice, charlie);
    await spread(removal.message, alice, charlie);
    await restart(alice);
    const { commit, summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    expect(leftOut.map(({ proposal, reason }) => [proposal.reference, reason.rule])).toEqual([
      [update.reference, "xs08"],
      [removal.reference, "xs08"],
    ]);
    await alice.group.mergePendingCommit();
    await begin(commit, charlie);
    await expectTogether(alice, charlie);
  });

  it("XS-08: removes by it whom the caller wants to remove, and reports the Remove", async () => {
    const { alice, bob, charlie, mallory } = await company(names, options);
    await spread((await bob.group.leave(bob.signer)).message, alice, charlie, mallory);
    const { commit, summary, leftOut } = await alice.group.removeMembers(alice.signer, [1, 3]);
    expect(summary.removed.map(({ leafIndex, left }) => [leafIndex, left])).toEqual([
      [1, true],
      [3, false],
    ]);
    expect(leftOut.map(({ proposal, reason }) => [proposal.proposal, reason.rule])).toEqual([
      [{ proposalType: 3, removed: 1 }, "xs08"],
    ]);
    await alice.group.mergePendingCommit();
    await begin(commit, charlie);
    await expectTogether(alice, charlie);
  });

  it("XS-08: takes one of two of a leaf", async () => {
    const { alice, bob } = await company(names, options);
    const first = await forged(bob, feature.make());
    const second = await forged(bob, feature.make(), {
      editContent: (content) => ({ ...content, authenticatedData: Uint8Array.of(1) }),
    });
    await spread(first.message, alice);
    await spread(second.message, alice);
    expect(feature.messages(alice.group.knownProposals)).toEqual([second.message]);
    const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals.map(({ reference }) => reference)).toEqual([second.named.reference]);
    expect(leftOut.map(({ reason }) => reason.rule)).toEqual(["xs08"]);
  });

  it.each(["reference", "value"])("XS-08: one that cannot be committed shields nobody (%s)", async (how) => {
    const { alice, bob } = await company(names, { ...options, featuresOf: { mallory: [] } });
    await spread((await forged(bob, feature.make())).message, alice);
    const removal = proposals.remove(1);
    if (how === "reference") {
      await alice.group.propose(alice.signer, removal);
    }
    const { summary, leftOut } = await alice.group
      .commit()
      .propose(...(how === "value" ? [removal] : []))
      .build(alice.signer);
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: false }]);
    expect(leftOut.map(({ proposal }) => proposal.proposal)).toEqual([feature.make()]);
  });

  it("XS-09: applies it after Updates and before Adds, who take the place", async () => {
    const { alice, bob, charlie, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const dave = await outsider("dave", options);
    const sent = [
      await mallory.group.propose(mallory.signer, proposals.add(await keyPackageOf(dave))),
      await mallory.group.propose(mallory.signer, proposals.update()),
      await bob.group.leave(bob.signer),
      await mallory.group.propose(mallory.signer, proposals.remove(charlie.group.ownLeafIndex)),
    ];
    for (const { message } of sent) {
      await spread(message, alice, observer);
    }
    const { commit, summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut).toEqual([]);
    expect(summary.removed.map(({ leafIndex, left }) => [leafIndex, left])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(summary.updated).toMatchObject([{ leafIndex: 3 }]);
    expect(summary.added).toMatchObject([{ leafIndex: 1 }]);
    await alice.group.mergePendingCommit();
    await spread(sent[2]!.message, mallory);
    await begin(commit, mallory, observer);
    await expectTogether(alice, mallory);
    expect(observer.members()).toEqual(alice.group.members());
  });
});
