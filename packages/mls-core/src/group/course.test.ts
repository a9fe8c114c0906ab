import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, StagedWelcome } from "../index.ts";
import { ProposalType } from "../registry.ts";
import { follow, joinFrom, keyPackageOf, ownerOf } from "../testing/client.ts";
import { flip, forgeKeyPackage } from "../testing/forge.ts";
import { forgeCommit, type ForgedCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import { mlsError } from "../testing/suites.ts";
import { expectAlive, expectRefused, expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

const remove = (removed: number): { proposalType: 3; removed: number } => ({
  proposalType: ProposalType.remove,
  removed,
});

describe("being removed", () => {
  it.each<readonly [string, ForgedCommit, string]>([
    [
      "a bad leaf signature",
      { signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature) }) },
      "valn0102",
    ],
    ["a path one node short", { editPath: (path) => ({ ...path, nodes: path.nodes.slice(1) }) }, "rfc44"],
    ["two Removes of the same leaf", { proposals: [remove(1), remove(1)] }, "valn0304"],
    ["a bad signature", { editSignature: flip }, "valn1203"],
    ["a bad membership tag", { editMembershipTag: flip }, "valn1202"],
  ])("trap41 rfc100: is not believed of a commit with %s", async (_, forged, rule) => {
    const all = await newWorld();
    const { bob, mallory } = all;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [remove(1)],
      ...forged,
    });
    await expect(bob.group.processMessage(message)).rejects.toMatchObject({ name: "MlsError", rule });
    expect(bob.group.isActive).toBe(true);
    await expectAlive(all, bob);
  });

  it("rfc100 trap23: by a valid commit, also while an own commit waits: nothing is left, every call says so", async () => {
    const { bob, mallory } = await newWorld();
    await bob.group.selfUpdate(bob.signer);
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [remove(1)],
    });
    const received = await bob.group.processMessage(message);
    if (received.kind !== "commit") throw new Error(received.kind);
    expect(received.stagedCommit.selfRemoved).toBe(true);
    expect(bob.group.isActive).toBe(true);
    await bob.group.mergeStagedCommit(received.stagedCommit);
    expect(bob.group.isActive).toBe(false);
    expect(await MlsGroup.load(bob.provider, bob.group.groupId)).toBeUndefined();
    const gone = mlsError("ERR_MLS_GROUP_INACTIVE", "rfc100");
    for (const call of [
      async () => bob.group.createMessage(bob.signer, utf8("?")),
      async () => bob.group.propose(bob.signer, proposals.remove(0)),
      async () => bob.group.propose(bob.signer, proposals.update()),
      async () => bob.group.selfUpdate(bob.signer),
      async () => bob.group.exportGroupInfo(bob.signer),
      async () => bob.group.processMessage(message),
    ]) {
      await expect(call()).rejects.toThrow(gone);
    }
    expect(() => bob.group.epochAuthenticator).toThrow(gone);
    expect(() => bob.group.exportSecret("x", utf8("y"), 32)).toThrow(gone);
  });
});

describe("commits that compete", () => {
  it("trap23 rfc122 rfc120: while ours waits, another member's, then an external one, are applied", async () => {
    const { alice, bob, charlie } = await newWorld();
    const mine = await bob.group.selfUpdate(bob.signer);
    const before = bob.group.epochAuthenticator;
    const talk = await alice.group.createMessage(alice.signer, utf8("meanwhile")); // rfc120: the old epoch goes on
    expect(await bob.group.processMessage(talk)).toMatchObject({ kind: "application" });
    expect(bob.group.epochAuthenticator).toEqual(before);
    const theirs = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, theirs.commit);
    await follow(charlie.group, theirs.commit);
    expect(bob.group.pendingCommit).toBeUndefined();
    await expect(bob.group.mergePendingCommit()).rejects.toThrow(mlsError("ERR_MLS_NO_PENDING_COMMIT"));
    await expect(alice.group.processMessage(mine.commit)).rejects.toThrow(
      mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"),
    );
    await bob.group.selfUpdate(bob.signer);
    const dave = await newcomer("dave");
    const external = await forgeExternalCommit(await insideOf(alice), dave);
    await follow(bob.group, external.message);
    await follow(charlie.group, external.message);
    expect(bob.group.epochAuthenticator).toEqual(charlie.group.epochAuthenticator);
    expect(bob.group.pendingCommit).toBeUndefined();
  });

  it("rfc122: a commit staged for an epoch that is over cannot be merged", async () => {
    const all = await newWorld();
    const { alice, bob, charlie } = all;
    const one = await bob.group.processMessage((await alice.group.selfUpdate(alice.signer)).commit);
    const two = await bob.group.processMessage((await charlie.group.selfUpdate(charlie.signer)).commit);
    if (one.kind !== "commit" || two.kind !== "commit") throw new Error();
    await bob.group.mergeStagedCommit(one.stagedCommit);
    for (const stale of [one.stagedCommit, two.stagedCommit]) {
      await expectUnable(
        bob,
        async () => bob.group.mergeStagedCommit(stale),
        "ERR_MLS_STALE_COMMIT",
        "rfc122",
      );
    }
  });

  it("rfc63 rfc122: a fork shows in the epoch authenticators", async () => {
    const { alice, bob, charlie } = await newWorld();
    await follow(bob.group, (await alice.group.selfUpdate(alice.signer)).commit);
    await charlie.group.selfUpdate(charlie.signer);
    await charlie.group.mergePendingCommit();
    expect(bob.group.epoch).toBe(charlie.group.epoch);
    expect(bob.group.epochAuthenticator).not.toEqual(charlie.group.epochAuthenticator);
  });
});

describe("changing the signature key", () => {
  it("trap24 rfc97: takes a path; Welcome, GroupInfo and what follows verify under the new key", async () => {
    const { alice, bob } = await newWorld();
    const renewed = await SignatureKeyPair.generate(await nodeCrypto().cipherSuite(1));
    const dave = await newcomer("dave");
    const { commit, summary } = await alice.group
      .commitBuilder()
      .addMembers([await keyPackageOf(dave)])
      .leafNodeParameters(
        { credentialWithKey: { ...alice.credentialWithKey, signatureKey: renewed.publicKey } },
        renewed,
      )
      .createGroupInfo()
      .build(alice.signer);
    expect(summary.updatePathLeaf?.signatureKey).toEqual(renewed.publicKey);
    const { welcome, groupInfo } = await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    const joined = await joinFrom(dave, welcome);
    const message = await alice.group.createMessage(renewed, utf8("new key"));
    for (const group of [bob.group, joined]) {
      expect(await group.processMessage(message)).toMatchObject({ kind: "application" });
    }
    await expect(alice.group.createMessage(alice.signer, utf8("old key"))).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
    const erin = await newcomer("erin");
    const external = await MlsGroup.joinByExternalCommit(erin.provider, erin.signer, {
      groupInfo: groupInfo!, // trap22: of the epoch that the commit began
      credentialWithKey: erin.credentialWithKey,
    });
    await follow(bob.group, external.commit);
    expect((await external.intoGroup()).epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("rfc97: signed by the new key instead of the old, or the leaf by the old", async () => {
    const all = await newWorld();
    const { mallory } = all;
    const renewed = await SignatureKeyPair.generate(await nodeCrypto().cipherSuite(1));
    const rotate: ForgedCommit = { leaf: (leaf) => ({ ...leaf, signatureKey: renewed.publicKey }) };
    const state = await insideOf(mallory);
    const byNew = await forgeCommit(state, mallory.signer, {
      ...rotate,
      leafSigner: renewed,
      signer: renewed,
    });
    await expectRefused(all, byNew.message, "ERR_MLS_INVALID_SIGNATURE", "valn1203");
    const leafByOld = await forgeCommit(state, mallory.signer, rotate);
    await expectRefused(all, leafByOld.message, "ERR_MLS_INVALID_SIGNATURE", "valn0102");
    const right = await forgeCommit(state, mallory.signer, { ...rotate, leafSigner: renewed });
    await follow(all.bob.group, right.message);
  });
});

describe("proposals that wait", () => {
  it("rfc93: no application data before they are committed; what was refused does not count", async () => {
    const { alice, bob, mallory } = await newWorld();
    const { message } = await mallory.group.propose(mallory.signer, proposals.remove(2));
    await expect(
      bob.group.processMessage(message.map((byte, i) => (i === message.length - 1 ? byte ^ 1 : byte))),
    ).rejects.toThrow(mlsError("ERR_MLS_INVALID_TAG", "valn1302"));
    await bob.group.createMessage(bob.signer, utf8("fine"));
    await bob.group.processMessage(message);
    const talk = async (): Promise<unknown> => bob.group.createMessage(bob.signer, utf8("too early"));
    await expectUnable(bob, talk, "ERR_MLS_PENDING_PROPOSALS", "rfc93");
    await alice.group.processMessage(message);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await follow(bob.group, commit);
    await expect(talk()).resolves.toBeDefined();
  });

  it("a malicious server that repeats a proposal does not multiply it", async () => {
    const { bob, mallory } = await newWorld();
    const { message } = await mallory.group.propose(mallory.signer, proposals.remove(2));
    await bob.group.processMessage(message);
    await bob.group.processMessage(message);
    expect(bob.group.pendingProposals).toHaveLength(1);
  });
});

describe("after a ReInit", () => {
  it("rfc78: nothing is sent and no further commit taken; late messages still open", async () => {
    const { alice, bob, charlie, mallory } = await newWorld({ config: { maxPastEpochs: 1 } });
    const late = await charlie.group.createMessage(charlie.signer, utf8("late"));
    const reinit = { groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: [] };
    const { commit } = await alice.group
      .commitBuilder()
      .propose({ proposalType: ProposalType.reinit, ...reinit })
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    await follow(mallory.group, commit);
    const closed = mlsError("ERR_MLS_GROUP_INACTIVE", "rfc78");
    for (const { group, signer } of [alice, bob]) {
      await expect(group.createMessage(signer, utf8("?"))).rejects.toThrow(closed);
      await expect(group.propose(signer, proposals.remove(2))).rejects.toThrow(closed);
      await expect(group.selfUpdate(signer)).rejects.toThrow(closed);
      await expect(group.branch({ ...ownerOf(alice), keyPackages: [] })).rejects.toThrow(closed);
    }
    const further = await forgeCommit(await insideOf(mallory), mallory.signer);
    await expect(bob.group.processMessage(further.message)).rejects.toThrow(closed);
    expect(await bob.group.processMessage(late)).toMatchObject({ data: utf8("late") });
  });
});

describe("an old Welcome, kept by the server", () => {
  it("rfc71 valn1403: leads nowhere once it was used, or its group is joined", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    const { welcome } = await alice.group.mergePendingCommit();
    const group = await joinFrom(dave, welcome);
    const used = mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103");
    await expect(StagedWelcome.fromWelcome(dave.provider, welcome!)).rejects.toThrow(used);
    await group.delete();
    await expect(StagedWelcome.fromWelcome(dave.provider, welcome!)).rejects.toThrow(used);
  });

  it("rfc121: the Welcome is handed out only when the commit is merged", async () => {
    const { alice } = await newWorld();
    const result = await alice.group.addMembers(alice.signer, [await keyPackageOf(await newcomer("dave"))]);
    expect(Object.keys(result).sort()).toEqual(["commit", "leftOut", "summary"]);
    await alice.group.clearPendingCommit();
    await expect(alice.group.mergePendingCommit()).rejects.toThrow(mlsError("ERR_MLS_NO_PENDING_COMMIT"));
  });

  it("a proposal that the server withholds is missed by name", async () => {
    const all = await newWorld();
    const { alice, mallory } = all;
    const dave = await newcomer("dave");
    const { message } = await mallory.group.propose(mallory.signer, {
      proposalType: ProposalType.add,
      keyPackage: await forgeKeyPackage(dave),
    });
    await alice.group.processMessage(message);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await expect(all.bob.group.processMessage(commit)).rejects.toThrow(
      mlsError("ERR_MLS_MISSING_PROPOSAL", "rfc82"),
    );
    await all.bob.group.processMessage(message);
    await follow(all.bob.group, commit);
  });
});
