import { externalSendersExtension, proposeAsExternalSender, SenderType } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { flip } from "../../mls-core/src/testing/forge.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { selfRemove } from "./self-remove.ts";
import { begin, company, outsider, restart, service, spread } from "./testing/company.ts";
import { expectAllRefuse, forged, forgedCommit } from "./testing/hostile.ts";

const feature = selfRemove();
const options = { features: [feature] };
const names = ["alice", "bob", "charlie", "mallory"] as const;
const V = "ERR_MLS_VALIDATION";

describe("a received SelfRemove", () => {
  it("XS-01: is kept, and refused in the commit while a member does not support it", async () => {
    const all = await company(names, { ...options, featuresOf: { charlie: [] } });
    const { alice, bob, mallory } = all;
    const observer = await service(alice, options);
    const { message, named } = await forged(bob, feature.make());
    await spread(message, alice, observer);
    const commit = await forgedCommit(mallory, { proposals: [named], apply: (tree) => tree.removeLeaf(1) });
    await restart(alice);
    await expectAllRefuse(commit, [alice, observer], V, "valn0311");
    const { leftOut, summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut.map(({ reason }) => reason.rule)).toEqual(["valn0311"]);
    expect(summary.removed).toEqual([]);
  });

  it("XS-01: is followed in a commit that removes the last who does not support it (RFC 9420 §12.2)", async () => {
    const all = await company(names, { ...options, featuresOf: { charlie: [] } });
    const { alice, bob, mallory } = all;
    const observer = await service(alice, options);
    const { message, named } = await forged(bob, feature.make());
    await spread(message, alice, observer);
    const commit = await forgedCommit(mallory, {
      proposals: [named, { proposalType: 3, removed: 2 }],
      apply: (tree) => {
        tree.removeLeaf(1);
        tree.removeLeaf(2);
      },
    });
    await begin(commit, alice, observer);
    expect(alice.group.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 3]);
  });

  it("XS-02: is refused in a PrivateMessage", async () => {
    const { alice, bob, charlie } = await company(names, options);
    const { message } = await forged(bob, feature.make(), { wireFormat: 2 });
    await expectAllRefuse(message, [alice, charlie], V, "rfc22");
  });

  it("XS-04: is from a member, and from nobody else", async () => {
    const { alice, bob } = await company(names, options);
    const outside = await outsider("outsider");
    const extension = externalSendersExtension([outside.credentialWithKey]);
    const built = await alice.group.commit().groupContextExtensions([extension]).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(built.commit, bob);
    const observer = await service(alice, options);
    const byExternal = await forged(alice, feature.make(), {
      sender: { senderType: SenderType.external, senderIndex: 0 },
      signer: outside.signer,
    });
    await expectAllRefuse(byExternal.message, [bob, observer], V, "valn1502");
    const byNewcomer = await forged(alice, feature.make(), {
      sender: { senderType: SenderType.newMemberProposal },
      signer: outside.signer,
    });
    await expectAllRefuse(byNewcomer.message, [bob, observer], V, "valn1504");
    const { provider } = await outsider("outsider", options);
    const target = { cipherSuite: 1, groupId: alice.group.groupId, epoch: alice.group.epoch };
    await expect(
      proposeAsExternalSender(provider, outside.signer, target, 0, feature.make()),
    ).rejects.toThrow(mlsError(V, "valn1502"));
  });

  it("XS-05: is refused by value in a commit", async () => {
    const { alice, bob, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const commit = await forgedCommit(mallory, { proposals: [feature.make()] });
    await expectAllRefuse(commit, [alice, bob, observer], V, "valn0301");
  });

  it("XS-14: is checked by an observer but for its membership tag, and handed on as it came", async () => {
    const { alice, bob } = await company(names, options);
    const observer = await service(alice, options);
    const bad = await forged(bob, feature.make(), { editSignature: flip });
    await expectAllRefuse(bad.message, [observer, alice], "ERR_MLS_INVALID_SIGNATURE", "valn1304");
    const late = await forged(bob, feature.make(), { editContent: (content) => ({ ...content, epoch: 0n }) });
    await expectAllRefuse(late.message, [observer, alice], "ERR_MLS_WRONG_EPOCH", "rfc35");
    const untagged = await forged(bob, feature.make(), { editMembershipTag: flip });
    await expectAllRefuse(untagged.message, [alice], "ERR_MLS_INVALID_TAG");
    await spread(untagged.message, observer);
    await observer.reload();
    expect(feature.messages(observer.knownProposals)).toEqual([untagged.message]);
    expect(observer.knownProposals[0]?.message).toEqual(untagged.message);
  });
});

describe("a received commit", () => {
  it("XS-07: does not take out its committer", async () => {
    const { alice, bob, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const { message, named } = await forged(mallory, feature.make());
    await spread(message, alice, bob, observer);
    const commit = await forgedCommit(mallory, { proposals: [named], apply: () => undefined });
    await restart(alice, bob);
    await expectAllRefuse(commit, [alice, bob, observer], V, "valn0303");
  });

  it("XS-08: does not hold a SelfRemove beside a Remove, an Update or another SelfRemove of the leaf", async () => {
    const { alice, bob, charlie, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const leaving = await forged(bob, feature.make());
    const again = await forged(bob, feature.make(), {
      editContent: (content) => ({ ...content, authenticatedData: Uint8Array.of(1) }),
    });
    const update = await forged(bob, {
      proposalType: 2,
      leafNode: bob.group.ownLeafNode,
    });
    const removal = { proposalType: 3, removed: 1 } as const;
    const removing = await forged(charlie, removal);
    for (const { message } of [leaving, again, update, removing]) {
      await spread(message, alice, observer);
    }
    await restart(alice);
    for (const other of [removal, removing.named, update.named, again.named]) {
      const commit = await forgedCommit(mallory, {
        proposals: [leaving.named, other],
        apply: (tree) => tree.removeLeaf(1),
      });
      await expectAllRefuse(commit, [alice, observer], V, "xs08");
    }
  });

  it("XS-09: has a path", async () => {
    const { alice, bob, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice, observer);
    const { reference } = alice.group.knownProposals[0]!;
    const named = { proposal: feature.make(), sender: { senderType: 1, leafIndex: 1 }, reference } as const;
    const apply: Parameters<typeof forgedCommit>[1]["apply"] = (tree) => tree.removeLeaf(1);
    const commit = await forgedCommit(mallory, { proposals: [named], apply, path: false });
    await expectAllRefuse(commit, [alice, observer], V, "valn1206");
    // the same with its path is a good one
    await begin(await forgedCommit(mallory, { proposals: [named], apply }), alice, observer);
    expect(alice.group.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 2, 3]);
  });

  it("XS-14: may name what this member dismissed", async () => {
    const { alice, bob, charlie } = await company(names, options);
    const { message, reference } = await bob.group.leave(bob.signer);
    await spread(message, alice, charlie);
    expect(await charlie.group.removePendingProposal(reference)).toBe(true);
    await restart(charlie);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await begin(commit, charlie);
    expect(charlie.group.member(1)).toBeUndefined();
  });
});
