import { isProposal } from "../wire/index.ts";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  decodeMlsMessage,
  encodeMlsMessage,
  externalSendersExtension,
  type Proposal,
  type PublicMessage,
} from "../wire/index.ts";
import { proposeAsExternalSender, proposeToJoin } from "../index.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../registry.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { forgeKeyPackage, forgeMessage, forgeProposal } from "../testing/forge.ts";
import { expectAlive, expectRefused, expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

const { mlsPublicMessage } = WireFormat;

const SIG = "ERR_MLS_INVALID_SIGNATURE";

const V = "ERR_MLS_VALIDATION";

const application = (text = "hi"): { contentType: 1; applicationData: Uint8Array } => ({
  contentType: ContentType.application,
  applicationData: utf8(text),
});

const removal: Proposal = { proposalType: ProposalType.remove, removed: 2 };

function publicOf(message: Uint8Array): PublicMessage {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== mlsPublicMessage) throw new Error("not public");
  return decoded.publicMessage;
}

const fromPublic = (publicMessage: PublicMessage): Uint8Array =>
  encodeMlsMessage({ wireFormat: mlsPublicMessage, publicMessage });

describe("proposals from outside (RFC 9420 §12.1.8)", () => {
  const service = newcomer("service");
  const open = async (): ReturnType<typeof newWorld> =>
    newWorld({ extensions: [externalSendersExtension([{ ...(await service).credentialWithKey }])] });
  let shared: ReturnType<typeof open> | undefined;
  const world = async (): ReturnType<typeof open> => (shared ??= open());
  const external = { senderType: SenderType.external, senderIndex: 0 } as const;
  const fresh = { senderType: SenderType.newMemberProposal } as const;

  it.each([
    ["valn1501: a commit", external, "valn1501", 3],
    ["valn1501 rfc20: application data", external, "rfc20", 1],
    ["valn1503: a commit of a new member", fresh, "valn1503", 3],
    ["valn1503 rfc20: application data of a new member", fresh, "rfc20", 1],
  ] as const)("%s", async (_, sender, rule, contentType) => {
    const all = await world();
    const content =
      contentType === 1
        ? application()
        : ({ contentType, commit: { proposals: [], path: undefined } } as const);
    const { message } = await forgeMessage(await insideOf(all.mallory), (await service).signer, content, {
      sender,
    });
    await expectRefused(all, message, V, rule);
  });

  it("valn1502 rfc83: Update and ExternalInit from an external sender", async () => {
    const all = await world();
    const leafNode = all.mallory.group.ownLeafNode;
    for (const proposal of [
      { proposalType: ProposalType.update, leafNode },
      { proposalType: ProposalType.externalInit, kemOutput: new Uint8Array(32) },
    ] as const) {
      const { message } = await forgeProposal(await insideOf(all.mallory), (await service).signer, proposal, {
        sender: external,
      });
      await expectRefused(all, message, V, "valn1502");
    }
  });

  it("valn1504: anything but an Add from a new member", async () => {
    const all = await world();
    for (const proposal of [
      removal,
      { proposalType: ProposalType.groupContextExtensions, extensions: [] },
    ] as const) {
      const { message } = await forgeProposal(await insideOf(all.mallory), (await service).signer, proposal, {
        sender: fresh,
      });
      await expectRefused(all, message, V, "valn1504");
    }
  });

  it("valn1301 rfc25: signed by another key, or over the GroupContext", async () => {
    const all = await world();
    const { mallory } = all;
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, removal, {
      sender: external,
    });
    await expectRefused(all, message, SIG, "valn1304");
    const dave = await newcomer("dave");
    const add = { proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(dave) };
    const byOther = await forgeProposal(await insideOf(mallory), mallory.signer, add, { sender: fresh });
    await expectRefused(all, byOther.message, SIG, "valn1304");
    // rfc25: content signed as a member's, that is over the context, and then called an external sender's
    const asMember = await forgeProposal(await insideOf(mallory), (await service).signer, removal);
    const { content, auth } = publicOf(asMember.message);
    const relabelled = fromPublic({
      content: { ...content, sender: external },
      auth,
      membershipTag: undefined,
    });
    await expectRefused(all, relabelled, SIG, "valn1304");
  });

  it.each([1, 2 ** 31, 2 ** 32 - 1])("rfc86 trap02 trap04: sender_index %i", async (senderIndex) => {
    const all = await world();
    const { message } = await forgeProposal(await insideOf(all.mallory), (await service).signer, removal, {
      sender: { senderType: SenderType.external, senderIndex },
    });
    await expectRefused(all, message, V, "rfc86");
  });

  it("rfc86: once the extension is gone", async () => {
    const all = await open();
    const { alice, bob } = all;
    const { commit } = await alice.group.commitBuilder().groupContextExtensions([]).build(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    await follow(all.charlie.group, commit);
    const target = { cipherSuite: 1, groupId: alice.group.groupId, epoch: alice.group.epoch };
    const { provider, signer } = await service;
    const message = await proposeAsExternalSender(provider, signer, target, 0, removal);
    await expectRefused(all, message, V, "rfc86");
  });

  it("valn1307: of another epoch", async () => {
    const all = await world();
    const { provider, signer } = await service;
    for (const epoch of [0n, 2n]) {
      const target = { cipherSuite: 1, groupId: all.bob.group.groupId, epoch };
      const message = await proposeAsExternalSender(provider, signer, target, 0, removal);
      await expectRefused(all, message, "ERR_MLS_WRONG_EPOCH", "rfc35");
    }
  });

  it("rfc87 rfc88: all five types wait for the application's word, then can be committed", async () => {
    const dave = await newcomer("dave");
    const add: Proposal = { proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(dave) };
    const proposals: readonly Proposal[] = [
      add,
      removal,
      { proposalType: ProposalType.groupContextExtensions, extensions: [] },
      { proposalType: ProposalType.reinit, groupId: utf8("n"), version: 1, cipherSuite: 1, extensions: [] },
      {
        proposalType: ProposalType.psk,
        psk: {
          pskType: 2,
          usage: 1,
          pskGroupId: utf8("this group"),
          pskEpoch: 1n,
          pskNonce: new Uint8Array(32),
        },
      },
    ];
    for (const proposal of proposals) {
      const all = await open();
      const { alice, bob } = all;
      const own = isProposal(proposal, ProposalType.psk)
        ? { ...proposal, psk: { ...proposal.psk, pskGroupId: alice.group.groupId } }
        : proposal;
      const target = { cipherSuite: 1, groupId: alice.group.groupId, epoch: 1n };
      const { provider, signer } = await service;
      const message = await proposeAsExternalSender(provider, signer, target, 0, own);
      for (const { group } of [alice, bob]) {
        const received = await group.processMessage(message);
        expect(received).toMatchObject({ kind: "proposal", stored: false });
        expect(group.pendingProposals).toHaveLength(0); // rfc88: nothing without the application's word
        if (received.kind === "proposal") {
          await group.storePendingProposal(received);
        }
      }
      await follow(bob.group, (await alice.group.commitToPendingProposals(alice.signer)).commit);
      await alice.group.mergePendingCommit();
      expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    }
  });

  it("rfc81 rfc88: an approval that comes an epoch late is refused", async () => {
    const all = await open();
    const { alice, bob } = all;
    const dave = await newcomer("dave");
    const target = { groupId: alice.group.groupId, epoch: 1n };
    const message = await proposeToJoin(dave.provider, dave.signer, target, await keyPackageOf(dave));
    const received = await bob.group.processMessage(message);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    if (received.kind !== "proposal") throw new Error(received.kind);
    await expectUnable(
      bob,
      async () => bob.group.storePendingProposal(received),
      "ERR_MLS_WRONG_EPOCH",
      "rfc81",
    );
    await expectAlive(all, bob);
  });
});
