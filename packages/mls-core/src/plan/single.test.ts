import { bytesToHex, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import {
  basicCredential,
  externalSendersExtension,
  type Proposal,
  requiredCapabilitiesExtension,
} from "../wire/index.ts";
import { ProposalType, PskType, ResumptionPskUsage } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { ext } from "../testing/proposals.ts";
import { client, follow, keyPackageOf } from "../testing/client.ts";
import { forgeKeyPackage, forgeProposal } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import {
  expectLeftOut,
  expectRefused,
  expectUnable,
  insideOf,
  Judge,
  newcomer,
  newWorld,
  sharedWorld,
  type World,
} from "../testing/world.ts";
import { nodeCrypto } from "@openmls-ts/crypto-node";

const world = sharedWorld();

const nonce = (length: number): Uint8Array => new Uint8Array(length).fill(9);

/** Offers a proposal of Mallory's by reference and by value. */
async function expectProposalRefused(
  all: World,
  proposal: Proposal,
  code: MlsErrorCode,
  rule: string,
): Promise<void> {
  const { mallory } = all;
  const state = await insideOf(mallory);
  await expectLeftOut(all, mallory, proposal, code, rule);
  const { message } = await forgeCommit(state, mallory.signer, { proposals: [proposal], path: true });
  await expectRefused(all, message, code, rule);
}

describe("Remove (RFC 9420 §12.1.3)", () => {
  it.each([4, 7, 8, 2 ** 30, 2 ** 31, 2 ** 32 - 1])("valn0701 trap02: of leaf %i", async (removed) => {
    const all = await world();
    const remove = { proposalType: ProposalType.remove, removed };
    await expectProposalRefused(all, remove, "ERR_MLS_VALIDATION", "valn0701");
    const { alice } = all;
    const propose = async (): Promise<unknown> =>
      alice.group.propose(alice.signer, proposals.remove(removed));
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", "valn0701");
    const commit = async (): Promise<unknown> => alice.group.removeMembers(alice.signer, [removed]);
    await expectUnable(alice, commit, "ERR_MLS_VALIDATION", "valn0701");
  });

  it("valn0701: of a member that was removed an epoch ago", async () => {
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    const { commit } = await alice.group.removeMembers(alice.signer, [2]);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    await follow(mallory.group, commit);
    const remove = { proposalType: ProposalType.remove, removed: 2 };
    await expectProposalRefused(all, remove, "ERR_MLS_VALIDATION", "valn0701");
  });
});

describe("PreSharedKey (RFC 9420 §12.1.4)", () => {
  const resumption = (usage: ResumptionPskUsage, groupId: Uint8Array): Proposal => ({
    proposalType: ProposalType.psk,
    psk: { pskType: PskType.resumption, usage, pskGroupId: groupId, pskEpoch: 1n, pskNonce: nonce(32) },
  });

  it.each([
    ["valn0801", ResumptionPskUsage.reinit],
    ["valn0802", ResumptionPskUsage.branch],
  ])("valn0801 valn0802 rfc79: of a usage for other occasions (%s)", async (rule, usage) => {
    const all = await world();
    const psk = resumption(usage, all.alice.group.groupId);
    await expectProposalRefused(all, psk, "ERR_MLS_VALIDATION", rule);
    const { alice } = all;
    const propose = async (): Promise<unknown> => alice.group.propose(alice.signer, psk);
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", rule);
    const external = await forgeExternalCommit(await insideOf(all.mallory), await newcomer("dave"), {
      proposals: [psk],
    });
    await expectRefused(all, external.message, "ERR_MLS_VALIDATION", rule);
  });

  it.each([
    [1, 32],
    [5, 64],
    [7, 48],
  ])("valn0803: suite %i, psk_nonce of other lengths than %i", async (suite, length) => {
    const all = await newWorld({ suite });
    for (const wrong of [0, length - 1, length + 1]) {
      const proposal: Proposal = {
        proposalType: ProposalType.psk,
        psk: {
          pskType: PskType.resumption,
          usage: ResumptionPskUsage.application,
          pskGroupId: all.alice.group.groupId,
          pskEpoch: 1n,
          pskNonce: nonce(wrong),
        },
      };
      await expectProposalRefused(all, proposal, "ERR_MLS_VALIDATION", "valn0803");
    }
  });
});

describe("ReInit (RFC 9420 §12.1.5)", () => {
  const reinit = { proposalType: ProposalType.reinit, groupId: utf8("next"), cipherSuite: 1, extensions: [] };

  it("valn0901: to a lower version", async () => {
    await expectProposalRefused(await world(), { ...reinit, version: 0 }, "ERR_MLS_VALIDATION", "valn0901");
    const { alice } = await world();
    const propose = async (): Promise<unknown> =>
      alice.group.propose(alice.signer, { ...reinit, version: 0 });
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", "valn0901");
  });

  it("valn1603: with extensions that belong in no GroupContext", async () => {
    const proposal = { ...reinit, version: 1, extensions: [ext(2)] };
    await expectProposalRefused(await world(), proposal, "ERR_MLS_VALIDATION", "valn1603");
  });
});

describe("ExternalInit by itself", () => {
  it("rfc83: from a member", async () => {
    const all = await world();
    const proposal: Proposal = { proposalType: ProposalType.externalInit, kemOutput: nonce(32) };
    const { message } = await forgeProposal(await insideOf(all.mallory), all.mallory.signer, proposal);
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "rfc83");
    const { alice } = all;
    const propose = async (): Promise<unknown> => alice.group.propose(alice.signer, proposal);
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", "rfc83");
  });
});

describe("GroupContextExtensions (RFC 9420 §12.1.7)", () => {
  const gce = (...types: readonly ReturnType<typeof ext>[]): Proposal => ({
    proposalType: ProposalType.groupContextExtensions,
    extensions: types,
  });

  it.each([1, 2, 4])("valn1603: extension type %i", async (type) => {
    const all = await world();
    await expectProposalRefused(all, gce(ext(type)), "ERR_MLS_VALIDATION", "valn1603");
    const { alice } = all;
    const propose = async (): Promise<unknown> =>
      alice.group.propose(alice.signer, proposals.groupContextExtensions([ext(type)]));
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", "valn1603");
    const dave = await client("dave", nodeCrypto());
    await expect(
      MlsGroup.create(dave.provider, dave.signer, dave.credentialWithKey, {
        cipherSuite: 1,
        extensions: [ext(type)],
      }),
    ).rejects.toMatchObject({ code: "ERR_MLS_VALIDATION", rule: "valn1603" });
    expect(dave.storage.entries()).toHaveLength(0);
  });

  it("rfc114: a type twice cannot be sent; received it does not decode", async () => {
    const all = await world();
    const twice = [ext(0xf001), ext(0xf001)];
    const { alice } = all;
    const propose = async (): Promise<unknown> =>
      alice.group.propose(alice.signer, proposals.groupContextExtensions(twice));
    await expectUnable(alice, propose, "ERR_MLS_VALIDATION", "rfc114");
    const once = await forgeProposal(
      await insideOf(all.mallory),
      all.mallory.signer,
      gce(
        { extensionType: 0xf001, extensionData: nonce(3) },
        { extensionType: 0xf002, extensionData: nonce(3) },
      ),
    );
    const message = once.message.slice();
    const at = message.findIndex((byte, i) => byte === 0xf0 && message[i + 1] === 2);
    message[at + 1] = 1;
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "rfc114");
  });

  it("rfc17: with an external sender whom the validator refuses, or with one of two changed", async () => {
    const judge = new Judge();
    const service = { credential: basicCredential(utf8("service")), signatureKey: nonce(32) };
    const all = await newWorld({
      provider: { credentialValidator: judge },
      extensions: [externalSendersExtension([service])],
    });
    judge.verdict = ({ identity }) => bytesToHex(identity!) !== bytesToHex(utf8("impostor"));
    const impostor = { credential: basicCredential(utf8("impostor")), signatureKey: nonce(32) };
    for (const senders of [[impostor], [service, impostor]]) {
      await expectProposalRefused(
        all,
        gce(externalSendersExtension(senders)),
        "ERR_MLS_CREDENTIAL_REJECTED",
        "rfc17",
      );
    }
  });

  it("valn1001 rfc85 rfc119: what a staying member lacks", async () => {
    const all = await newWorld();
    const { mallory } = all;
    const state = await insideOf(mallory);
    const commit = async (...proposals: Proposal[]): Promise<Uint8Array> =>
      (await forgeCommit(state, mallory.signer, { proposals })).message;
    const empty = { extensionTypes: [], proposalTypes: [], credentialTypes: [] };
    for (const required of [
      { ...empty, extensionTypes: [0xf001] },
      { ...empty, proposalTypes: [0xf002] },
      { ...empty, credentialTypes: [0xf003] },
      { ...empty, extensionTypes: [0x0a0a] },
    ]) {
      const message = await commit(gce(requiredCapabilitiesExtension(required)));
      // the committer's own leaf is the first that lacks it when there are no Adds
      await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn1001");
    }
    await expectRefused(all, await commit(gce(ext(0xf001))), "ERR_MLS_VALIDATION", "rfc85");
  });

  it("valn1001 rfc85: what only a removed member lacks is no obstacle", async () => {
    const alice = await newcomer("alice");
    const bob = await keyPackageOf(await newcomer("bob"));
    const capable = { ...defaultCapabilities(), extensions: [0xf001] };
    const group = await MlsGroup.builder()
      .capabilities(capable)
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    await group.addMembers(alice.signer, [bob]);
    await group.mergePendingCommit();
    const required = { extensionTypes: [0xf001], proposalTypes: [], credentialTypes: [] };
    for (const [extension, rule] of [
      [requiredCapabilitiesExtension(required), "valn1001"],
      [ext(0xf001), "rfc85"],
    ] as const) {
      const builder = (): ReturnType<typeof group.commitBuilder> =>
        group.commitBuilder().groupContextExtensions([extension]);
      const refused = async (): Promise<unknown> => builder().build(alice.signer);
      await expectUnable({ ...alice, group }, refused, "ERR_MLS_VALIDATION", rule);
      const { summary } = await builder().removeMembers([1]).build(alice.signer);
      expect(summary.removed).toHaveLength(1);
      await group.clearPendingCommit();
    }
  });

  it("rfc92: other proposals are judged by the extensions that the commit brings in", async () => {
    const alice = await client("alice", nodeCrypto());
    const capable = { ...defaultCapabilities(), extensions: [0xf001] };
    const group = await MlsGroup.builder()
      .capabilities(capable)
      .groupContextExtensions([])
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    const dave = await newcomer("dave");
    const keyPackage = await forgeKeyPackage(dave);
    const requiring = requiredCapabilitiesExtension({
      extensionTypes: [0xf001],
      proposalTypes: [],
      credentialTypes: [],
    });
    const add = { proposalType: ProposalType.add, keyPackage };
    const both = async (): Promise<unknown> =>
      group.commitBuilder().propose(add).groupContextExtensions([requiring]).build(alice.signer);
    await expectUnable({ ...alice, group }, both, "ERR_MLS_VALIDATION", "valn0103");
    await group.commitBuilder().groupContextExtensions([requiring]).build(alice.signer);
    await group.mergePendingCommit();
    const dropping = group.commitBuilder().propose(add).groupContextExtensions([]);
    expect((await dropping.build(alice.signer)).summary.added).toHaveLength(1);
  });

  it("rfc84: replaces the whole list", async () => {
    const alice = await client("alice", nodeCrypto());
    const capable = { ...defaultCapabilities(), extensions: [0xf001, 0xf002, 0xf003] };
    const group = await MlsGroup.builder()
      .capabilities(capable)
      .groupContextExtensions([ext(0xf001), ext(0xf002)])
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    await group
      .commitBuilder()
      .groupContextExtensions([ext(0xf002), ext(0xf003)])
      .build(alice.signer);
    await group.mergePendingCommit();
    expect(group.extensions.map(({ extensionType }) => extensionType)).toEqual([0xf002, 0xf003]);
    await group.commitBuilder().groupContextExtensions([]).build(alice.signer);
    await group.mergePendingCommit();
    expect(group.extensions).toHaveLength(0);
  });
});
