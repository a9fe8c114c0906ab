import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { MlsGroup, MlsMessage, proposals } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { selfRemove } from "./self-remove.ts";
import { begin, company, expectTogether, outsider, restart, service, spread } from "./testing/company.ts";

const feature = selfRemove();
const features = [feature];
const V = "ERR_MLS_VALIDATION";

describe.each([
  ["noble", nobleCrypto()],
  ["node", nodeCrypto()],
  ["webcrypto", webCrypto()],
])("SelfRemove with %s", (_, crypto) => {
  it("XS-06 XS-09 XS-10: a member leaves, another commits, all follow", async () => {
    const options = { crypto, features };
    const { alice, bob, charlie } = await company(["alice", "bob", "charlie"], options);
    const observer = await service(alice, options);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice, charlie, observer);
    await restart(alice, bob, charlie);

    const { commit, summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut).toEqual([]);
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    expect(summary.updatePathLeaf).toBeDefined();
    await alice.group.mergePendingCommit();
    await begin(commit, charlie, observer);
    await expectTogether(alice, charlie);
    expect(observer.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 2]);

    const received = await bob.group.processMessage(commit);
    if (received.kind !== "commit") throw new Error(received.kind);
    expect(received.stagedCommit.selfRemoved).toBe(true);
    expect(received.stagedCommit.summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    await bob.group.mergeStagedCommit(received.stagedCommit);
    expect(bob.group.isActive).toBe(false);
    expect(await MlsGroup.load(bob.provider, alice.group.groupId)).toBeUndefined();
  });

  it("XS-11 XS-12 XS-13 XS-14: a newcomer takes those in who leave", async () => {
    const options = { crypto, features };
    const { alice, bob, charlie } = await company(["alice", "bob", "charlie"], options);
    const observer = await service(alice, options);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice, charlie, observer);
    await restart(alice, bob, charlie);
    expect(feature.messages(observer.knownProposals)).toEqual([message]);

    const dave = await outsider("dave", options);
    const join = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: dave.credentialWithKey,
      proposals: feature.messages(observer.knownProposals),
    });
    await begin(join.commit, alice, charlie, observer);
    const newcomer = { ...dave, group: await join.intoGroup() };
    expect(newcomer.group.ownLeafIndex).toBe(1); // Bob's leaf is blank by then
    await expectTogether(alice, charlie, newcomer);
    expect(observer.members()).toEqual(alice.group.members());

    const received = await bob.group.processMessage(join.commit);
    if (received.kind !== "commit") throw new Error(received.kind);
    expect(received.stagedCommit.selfRemoved).toBe(true);
    await bob.group.mergeStagedCommit(received.stagedCommit);
    expect(bob.group.isActive).toBe(false);
  });
});

describe("proposing a SelfRemove", () => {
  it("XS-01: is for groups whose members all support it; leave() sends a Remove elsewhere", async () => {
    const names = ["alice", "bob", "dave"] as const;
    const { alice, bob, dave } = await company(names, { features, featuresOf: { dave: [] } });
    const refused = mlsError(V, "valn0311");
    await expect(bob.group.propose(bob.signer, feature.make())).rejects.toThrow(refused);
    // also when the one who does not is to be removed by the same commit
    const { message } = await alice.group.propose(alice.signer, proposals.remove(dave.group.ownLeafIndex));
    await spread(message, bob);
    await restart(bob);
    await expect(bob.group.propose(bob.signer, feature.make())).rejects.toThrow(refused);
    expect(bob.group.knownProposals).toHaveLength(1);
    await bob.group.leave(bob.signer);
    expect(bob.group.knownProposals[1]?.proposal).toEqual({ proposalType: 3, removed: 1 });
  });

  it("XS-01: is possible once the last who does not support it is gone", async () => {
    const names = ["alice", "bob", "dave"] as const;
    const { alice, bob, dave } = await company(names, { features, featuresOf: { dave: [] } });
    const { commit } = await alice.group.removeMembers(alice.signer, [dave.group.ownLeafIndex]);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    await restart(bob);
    await bob.group.leave(bob.signer);
    expect(bob.group.knownProposals[0]?.proposal).toEqual(feature.make());
  });

  it("XS-02: is done in the clear where handshake messages are encrypted", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features, config: { handshake: "private" } });
    const { message } = await bob.group.leave(bob.signer);
    expect(MlsMessage.read(message)).toMatchObject({ kind: "publicMessage", epoch: 1n });
    await spread(message, alice);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    expect(MlsMessage.read(commit)).toMatchObject({ kind: "privateMessage" });
    await begin(commit, bob);
    expect(bob.group.isActive).toBe(false);
  });

  it("XS-03: is done once an epoch, whatever was dismissed or loaded again", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    const { message, reference } = await bob.group.leave(bob.signer);
    const twice = mlsError("ERR_MLS_VALIDATION", "xs03");
    const again = async (): Promise<unknown> =>
      bob.group.leave(bob.signer, { authenticatedData: Uint8Array.of(1) });
    await expect(again()).rejects.toThrow(twice);
    await restart(bob);
    await expect(again()).rejects.toThrow(twice);
    expect(await bob.group.removePendingProposal(reference)).toBe(true);
    await expect(again()).rejects.toThrow(twice);
    expect(bob.group.knownProposals).toHaveLength(1);

    await spread(message, alice);
    const { commit } = await alice.group.commit().includePendingProposals(false).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    const second = await bob.group.leave(bob.signer); // a new epoch, in which it is asked for anew
    await spread(second.message, alice);
  });

  it("XS-05: is refused by value", async () => {
    const { alice } = await company(["alice", "bob"], { features });
    await expect(alice.group.commit().propose(feature.make()).build(alice.signer)).rejects.toThrow(
      mlsError(V, "valn0301"),
    );
    expect(alice.group.pendingCommit).toBeUndefined();
  });

  it("blocks own messages while it waits, as a Remove does (RFC 9420 §12.4)", async () => {
    const { bob } = await company(["alice", "bob"], { features });
    await bob.group.leave(bob.signer);
    await expect(bob.group.createMessage(bob.signer, Uint8Array.of(1))).rejects.toThrow(
      mlsError("ERR_MLS_PENDING_PROPOSALS", "rfc93"),
    );
  });
});

describe("code points", () => {
  it("are an option, and keep apart who has another one", async () => {
    const rcs = selfRemove({ codePoints: "mls-rs" });
    expect(rcs.make().proposalType).toBe(0xf003);
    const { alice, bob } = await company(["alice", "bob"], { features: [rcs] });
    expect(alice.group.ownLeafNode.capabilities.proposals).toContain(0xf003);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice);
    const { summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.removed).toMatchObject([{ left: true }]);

    const mixed = await company(["alice", "bob"], { features, featuresOf: { bob: [rcs] } });
    await mixed.bob.group.leave(mixed.bob.signer);
    expect(mixed.bob.group.knownProposals[0]?.proposal.proposalType).toBe(3);
  });

  it.each([3, 7, 0x10000, 1.5])("%d is refused", (type) => {
    expect(() => selfRemove({ codePoints: { selfRemove: type } })).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("unknown options are refused", () => {
    expect(() => selfRemove({ typ: 10 } as object)).toThrow(mlsError("ERR_MLS_USAGE"));
  });
});

describe("a SelfRemove in a group whose rules ask for encrypted handshake messages", () => {
  it("is sent in the clear all the same, as newcomers must be able to read it, and taken", async () => {
    const options = { features, provider: { rules: { handshake: "private" } } } as const;
    const { alice, bob, charlie } = await company(["alice", "bob", "charlie"], options);
    const { message } = await bob.group.leave(bob.signer);
    expect(MlsMessage.read(message).kind).toBe("publicMessage");
    await spread(message, alice, charlie);
    await restart(alice, charlie);
    const { commit, summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(MlsMessage.read(commit).kind).toBe("privateMessage");
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    await alice.group.mergePendingCommit();
    await begin(commit, charlie);
    await expectTogether(alice, charlie);
  });
});
