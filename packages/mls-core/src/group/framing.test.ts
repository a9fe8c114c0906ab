import { utf8 } from "@openmls-ts/traits";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  decodeMlsMessage,
  encodeMlsMessage,
  type PrivateMessage,
  type PublicMessage,
} from "../framing/mls-message.ts";
import { sealSenderData } from "../framing/sender-data.ts";
import { externalSendersExtension, MlsGroup, proposeAsExternalSender, proposeToJoin } from "../index.ts";
import type { Proposal } from "../framing/proposal.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../registry.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeMessage, forgeProposal, type Wrapping } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import {
  expectAlive,
  expectRefused,
  expectUnable,
  insideOf,
  newcomer,
  newWorld,
  sharedWorld,
  stateOf,
} from "../testing/world.ts";
import { altered, mlsError } from "../testing/suites.ts";

const { mlsPublicMessage, mlsPrivateMessage } = WireFormat;
const SIG = "ERR_MLS_INVALID_SIGNATURE";
const TAG = "ERR_MLS_INVALID_TAG";
const V = "ERR_MLS_VALIDATION";
const application = (text = "hi"): { contentType: 1; applicationData: Uint8Array } => ({
  contentType: ContentType.application,
  applicationData: utf8(text),
});
const removal: Proposal = { proposalType: ProposalType.remove, removed: 2 };

function privateOf(message: Uint8Array): PrivateMessage {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== mlsPrivateMessage) throw new Error("not private");
  return decoded.privateMessage;
}
const fromPrivate = (privateMessage: PrivateMessage): Uint8Array =>
  encodeMlsMessage({ wireFormat: mlsPrivateMessage, privateMessage });
function publicOf(message: Uint8Array): PublicMessage {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== mlsPublicMessage) throw new Error("not public");
  return decoded.publicMessage;
}
const fromPublic = (publicMessage: PublicMessage): Uint8Array =>
  encodeMlsMessage({ wireFormat: mlsPublicMessage, publicMessage });

describe("a public proposal from inside", () => {
  const world = sharedWorld();
  const cases: readonly (readonly [string, MlsErrorCode, string, Wrapping])[] = [
    ["valn1302: one bit of the membership tag", TAG, "valn1302", { editMembershipTag: flip }],
    [
      "valn1302 valn1304: one bit of the signature under a right tag",
      SIG,
      "valn1304",
      { editSignature: flip },
    ],
    [
      "valn1302 trap11: a membership tag cut short",
      TAG,
      "valn1302",
      { editMembershipTag: (t) => t.slice(1) },
    ],
    ["valn1301: from a leaf one off", SIG, "valn1304", { sender: { senderType: 1, leafIndex: 2 } }],
    ["valn1301: from a blank leaf", V, "valn1301", { sender: { senderType: 1, leafIndex: 7 } }],
    ["valn1301 trap02: from leaf 2^31", V, "valn1301", { sender: { senderType: 1, leafIndex: 2 ** 31 } }],
    [
      "valn1301 trap02: from leaf 2^32 - 1",
      V,
      "valn1301",
      { sender: { senderType: 1, leafIndex: 2 ** 32 - 1 } },
    ],
    [
      "valn1307 rfc35: of the epoch before",
      "ERR_MLS_WRONG_EPOCH",
      "rfc35",
      { editContent: (c) => ({ ...c, epoch: 0n }) },
    ],
    [
      "valn1307 rfc35: of the next epoch",
      "ERR_MLS_WRONG_EPOCH",
      "rfc35",
      { editContent: (c) => ({ ...c, epoch: 2n }) },
    ],
    ["rfc24: signed as private", SIG, "valn1304", { signedFormat: mlsPrivateMessage }],
    ["rfc25: signed over another context", TAG, "valn1302", { signContext: (c) => ({ ...c, epoch: 0n }) }],
    [
      "rfc23: for another group",
      "ERR_MLS_WRONG_GROUP",
      "rfc23",
      { editContent: (c) => ({ ...c, groupId: utf8("?") }) },
    ],
  ];

  it.each(cases)("%s", async (_, code, rule, wrapping) => {
    const all = await world();
    const { mallory } = all;
    const { message, reference } = await forgeProposal(
      await insideOf(mallory),
      mallory.signer,
      removal,
      wrapping,
    );
    await expectRefused(all, message, code, rule);
    const commit = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposal: removal, sender: { senderType: 1, leafIndex: 3 }, reference }],
    });
    await expectRefused(all, commit.message, "ERR_MLS_MISSING_PROPOSAL", "rfc82"); // valn1307 rfc34
  });

  it("rfc20: application data in the clear", async () => {
    const all = await world();
    const { message } = await forgeMessage(await insideOf(all.mallory), all.mallory.signer, application());
    await expectRefused(all, message, V, "rfc20");
  });

  it("rfc23: of another group with the same members and epoch", async () => {
    const all = await world();
    const other = await newWorld();
    const { message } = await other.alice.group.proposeRemoveMember(other.alice.signer, 2);
    await expectRefused(all, message, "ERR_MLS_WRONG_GROUP", "rfc23");
    const { commit } = await other.bob.group.selfUpdate(other.bob.signer);
    await expectRefused(all, commit, "ERR_MLS_WRONG_GROUP", "rfc23");
    const talk = await other.charlie.group.createMessage(other.charlie.signer, utf8("hi"));
    await expectRefused(all, talk, "ERR_MLS_WRONG_GROUP", "rfc23");
  });

  it("rfc28: a member's message without a tag; one with bytes behind it", async () => {
    const all = await world();
    const { mallory } = all;
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, removal);
    const { membershipTag } = publicOf(message);
    await expectRefused(all, message.slice(0, -1 - membershipTag!.length), "ERR_MLS_DECODE");
    await expectRefused(all, new Uint8Array([...message, 0]), "ERR_MLS_DECODE", "trap07");
  });
});

describe("a private message from inside", () => {
  const world = sharedWorld();

  it("valn1304 valn1301: signed by another key, or with one bit of the signature changed", async () => {
    const all = await world();
    const { mallory, charlie } = all;
    for (const wrapping of [{ signer: charlie.signer }, { editSignature: flip }]) {
      for (const content of [application(), { contentType: ContentType.proposal, proposal: removal }]) {
        const options = { ...wrapping, wireFormat: mlsPrivateMessage };
        const { message } = await forgeMessage(await insideOf(mallory), mallory.signer, content, options);
        await expectRefused(all, message, SIG, "valn1304");
      }
    }
  });

  it("valn1303: padding that is not zero; none, one and 10 000 zeros are fine", async () => {
    const all = await newWorld();
    const { bob, mallory } = all;
    const { suite } = (await insideOf(mallory)).env;
    for (const padding of [new Uint8Array([0, 0, 1]), new Uint8Array([1, 0, 0]), new Uint8Array([0xff])]) {
      // the padding takes the place of zeros of the same length before the content is encrypted again
      const aeadSeal: typeof suite.aeadSeal = async (key, nonce, aad, plaintext) => {
        const edited = plaintext.slice();
        if (plaintext.length > 40) {
          edited.set(padding, plaintext.length - padding.length);
        }
        return suite.aeadSeal(key, nonce, aad, edited);
      };
      const lying = await insideOf(mallory);
      Object.assign(lying, { env: { ...lying.env, suite: altered(suite, { aeadSeal }) } });
      const { message } = await forgeMessage(lying, mallory.signer, application(), {
        wireFormat: mlsPrivateMessage,
        padding: padding.length,
      });
      await expectRefused(all, message, "ERR_MLS_DECODE", "valn1303");
    }
    for (const [generation, padding] of [0, 1, 10_000].entries()) {
      const wrapping = { wireFormat: mlsPrivateMessage, padding, generation };
      const { message } = await forgeMessage(
        await insideOf(mallory),
        mallory.signer,
        application(),
        wrapping,
      );
      expect(await bob.group.processMessage(message)).toMatchObject({
        kind: "application",
        data: utf8("hi"),
      });
    }
  });

  it.each([4, 7, 8, 2 ** 31, 2 ** 32 - 1])(
    "valn1306 trap02: sender data that name leaf %i",
    async (leafIndex) => {
      const all = await newWorld();
      const { bob, mallory } = all;
      const { message } = await forgeMessage(await insideOf(mallory), mallory.signer, application(), {
        wireFormat: mlsPrivateMessage,
      });
      const { env, epoch } = await insideOf(mallory);
      const genuine = privateOf(message);
      const encryptedSenderData = await sealSenderData(
        env.suite,
        epoch.secrets.senderDataSecret,
        genuine,
        genuine.ciphertext,
        { leafIndex, generation: 0, reuseGuard: new Uint8Array(4) },
      );
      await expectRefused(all, fromPrivate({ ...genuine, encryptedSenderData }), V, "valn1306");
      expect(await bob.group.processMessage(message)).toMatchObject({ kind: "application" });
    },
  );

  it("rfc69 trap03 rfc31: a generation far ahead, or another reuse guard", async () => {
    const all = await newWorld();
    const { bob, mallory } = all;
    const { message } = await forgeMessage(await insideOf(mallory), mallory.signer, application(), {
      wireFormat: mlsPrivateMessage,
    });
    const { env, epoch } = await insideOf(mallory);
    const genuine = privateOf(message);
    const withSenderData = async (generation: number): Promise<Uint8Array> =>
      fromPrivate({
        ...genuine,
        encryptedSenderData: await sealSenderData(
          env.suite,
          epoch.secrets.senderDataSecret,
          genuine,
          genuine.ciphertext,
          { leafIndex: 3, generation, reuseGuard: new Uint8Array(4) },
        ),
      });
    for (const generation of [1001, 2 ** 31, 2 ** 32 - 1]) {
      await expectRefused(all, await withSenderData(generation), "ERR_MLS_LIMIT", "rfc69");
    }
    await expectRefused(all, await withSenderData(1000), "ERR_MLS_DECRYPTION");
    await expectRefused(all, await withSenderData(0), "ERR_MLS_DECRYPTION");
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "application" });
  });

  it("valn1305 rfc22: no sender but a member is wrapped in private", async () => {
    const { mallory } = await world();
    const state = await insideOf(mallory);
    for (const sender of [
      { senderType: SenderType.external, senderIndex: 0 },
      { senderType: SenderType.newMemberProposal },
      { senderType: SenderType.newMemberCommit },
    ] as const) {
      await expect(
        forgeProposal(state, mallory.signer, removal, { sender, wireFormat: mlsPrivateMessage }),
      ).rejects.toThrow(mlsError(V, "valn1305"));
    }
  });

  it("rfc24: the content of a public message in private, and the reverse", async () => {
    const all = await world();
    const { mallory } = all;
    for (const [wireFormat, signedFormat] of [
      [mlsPrivateMessage, mlsPublicMessage],
      [mlsPublicMessage, mlsPrivateMessage],
    ] as const) {
      const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, removal, {
        wireFormat,
        signedFormat,
      });
      await expectRefused(all, message, SIG, "valn1304");
    }
  });

  it("rfc21: proposals and commits are private unless the configuration says public", async () => {
    for (const [handshake, wireFormat] of [
      ["private", mlsPrivateMessage],
      ["public", mlsPublicMessage],
    ] as const) {
      const { alice } = await newWorld({ config: { handshake } });
      const { message } = await alice.group.proposeRemoveMember(alice.signer, 2);
      const { commit } = await alice.group.commitToPendingProposals(alice.signer);
      expect([message, commit].map((bytes) => decodeMlsMessage(bytes).wireFormat)).toEqual([
        wireFormat,
        wireFormat,
      ]);
    }
  });
});

describe("a message on its way (no keys)", () => {
  it("rfc29 rfc30 trap28 rfc36: any changed field of a private message; then the genuine one opens", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const message = await alice.group.createMessage(alice.signer, utf8("genuine"), {
      authenticatedData: utf8("seen"),
    });
    const genuine = privateOf(message);
    const edits: readonly (readonly [PrivateMessage, MlsErrorCode, string | undefined])[] = [
      [{ ...genuine, authenticatedData: flip(genuine.authenticatedData) }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, contentType: ContentType.proposal }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, contentType: ContentType.commit }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, epoch: 2n }, "ERR_MLS_WRONG_EPOCH", "rfc35"],
      [{ ...genuine, epoch: 0n }, "ERR_MLS_WRONG_EPOCH", "rfc35"],
      [{ ...genuine, groupId: flip(genuine.groupId) }, "ERR_MLS_WRONG_GROUP", "rfc23"],
      [
        { ...genuine, encryptedSenderData: flip(genuine.encryptedSenderData) },
        "ERR_MLS_DECRYPTION",
        undefined,
      ],
      [{ ...genuine, encryptedSenderData: new Uint8Array() }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, ciphertext: flip(genuine.ciphertext) }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, ciphertext: flip(genuine.ciphertext, 40) }, "ERR_MLS_DECRYPTION", undefined],
      [{ ...genuine, ciphertext: flip(genuine.ciphertext, -1) }, "ERR_MLS_DECRYPTION", undefined],
      ...[0, 1, 15, 16].map((length) => {
        const ciphertext = genuine.ciphertext.slice(0, length); // trap31
        return [{ ...genuine, ciphertext }, "ERR_MLS_DECRYPTION", undefined] as const;
      }),
    ];
    for (const [edited, code, rule] of edits) {
      const before = stateOf(bob);
      await expect(bob.group.processMessage(fromPrivate(edited))).rejects.toThrow(mlsError(code, rule));
      expect(stateOf(bob)).toEqual(before);
    }
    expect(await bob.group.processMessage(message)).toMatchObject({
      data: utf8("genuine"),
      authenticatedData: utf8("seen"),
    });
    await expectRefused(all, message, "ERR_MLS_SECRET_CONSUMED", "rfc65");
  });

  it("rfc29 rfc34: a header changed by somebody who can redo the sender data", async () => {
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    const message = await alice.group.createMessage(alice.signer, utf8("genuine"));
    const genuine = privateOf(message);
    const { env, epoch } = await insideOf(mallory);
    for (const header of [{ authenticatedData: utf8("x") }, { contentType: ContentType.proposal }]) {
      const edited = { ...genuine, ...header };
      const senderData = { leafIndex: 0, generation: 0, reuseGuard: new Uint8Array(4) };
      edited.encryptedSenderData = await sealSenderData(
        env.suite,
        epoch.secrets.senderDataSecret,
        edited,
        genuine.ciphertext,
        senderData,
      );
      const before = stateOf(bob);
      await expect(bob.group.processMessage(fromPrivate(edited))).rejects.toThrow(
        mlsError("ERR_MLS_DECRYPTION"),
      );
      expect(stateOf(bob)).toEqual(before);
    }
    expect(await bob.group.processMessage(message)).toMatchObject({ data: utf8("genuine") });
  });

  it("rfc35: retained past epochs for application data only", async () => {
    const all = await newWorld({ config: { handshake: "private", maxPastEpochs: 1 } });
    const { alice, bob, charlie, mallory } = all;
    const late = [utf8("0"), utf8("1")];
    const messages = [];
    for (const data of late) {
      messages.push(await charlie.group.createMessage(charlie.signer, data));
      const { commit } = await alice.group.selfUpdate(alice.signer);
      await alice.group.mergePendingCommit();
      for (const { group } of [bob, charlie, mallory]) {
        await follow(group, commit);
      }
      if (data === late[0]) {
        const state = await insideOf(mallory);
        const forProposal = await forgeProposal(state, mallory.signer, removal, {
          wireFormat: mlsPrivateMessage,
        });
        messages.push(forProposal.message);
      }
    }
    const [tooLate, proposal, inTime] = messages;
    await expectRefused(all, tooLate!, "ERR_MLS_WRONG_EPOCH", "rfc35");
    await expectRefused(all, proposal!, "ERR_MLS_WRONG_EPOCH", "rfc35");
    expect(await bob.group.processMessage(inTime!)).toMatchObject({ kind: "application", epoch: 2n });
  });

  it("trap29: a message of a past epoch is of the member who held the leaf then", async () => {
    const all = await newWorld();
    const { alice, bob, charlie, mallory } = all;
    const late = await charlie.group.createMessage(charlie.signer, utf8("late"));
    const dave = await newcomer("dave");
    const { commit } = await alice.group
      .commitBuilder()
      .removeMembers([2])
      .addMembers([await keyPackageOf(dave)])
      .build(alice.signer);
    const before = await insideOf(mallory);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    expect(bob.group.members()[2]?.signatureKey).toEqual(dave.signer.publicKey);
    // forged for the old epoch with the keys of the newcomer at that leaf
    const forged = await forgeMessage(before, dave.signer, application(), {
      wireFormat: mlsPrivateMessage,
    });
    await expectRefused(all, forged.message, SIG, "valn1304");
    const read = await bob.group.processMessage(late);
    expect(read).toMatchObject({ kind: "application", credential: charlie.credentialWithKey.credential });
  });

  it("trap30: an echo is no surprise, and is not applied twice", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const talk = await bob.group.createMessage(bob.signer, utf8("mine"));
    expect(await bob.group.processMessage(talk)).toMatchObject({ kind: "ownEcho", pendingCommit: false });
    const { message } = await bob.group.proposeRemoveMember(bob.signer, 2);
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "ownEcho", pendingCommit: false });
    expect(bob.group.pendingProposals).toHaveLength(1);
    const { commit } = await bob.group.commitToPendingProposals(bob.signer);
    const restarted = await MlsGroup.load(bob.provider, bob.group.groupId);
    for (let i = 0; i < 2; i++) {
      expect(await restarted!.processMessage(commit)).toMatchObject({ kind: "ownEcho", pendingCommit: true });
    }
    await restarted!.mergePendingCommit();
    expect(await restarted!.processMessage(commit)).toMatchObject({ kind: "ownEcho" });
    expect(restarted!.epoch).toBe(2n);
    await alice.group.processMessage(message);
    await follow(alice.group, commit);
    expect(alice.group.epochAuthenticator).toEqual(restarted!.epochAuthenticator);
  });

  it("trap30: a public commit of ours that is not pending here", async () => {
    const all = await newWorld();
    const { bob } = all;
    const { commit } = await bob.group.selfUpdate(bob.signer);
    await bob.group.clearPendingCommit();
    await expectRefused(all, commit, "ERR_MLS_NO_PENDING_COMMIT", "trap30");
  });
});

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
      const own =
        proposal.proposalType === ProposalType.psk
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
