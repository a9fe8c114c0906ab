import { utf8 } from "@openmls-ts/traits";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type PrivateMessage } from "../wire/index.ts";
import { sealSenderData } from "../protection/sender-data.ts";
import { MlsGroup, proposals } from "../index.ts";
import { ContentType, WireFormat } from "../registry.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { flip, forgeMessage, forgeProposal } from "../testing/forge.ts";
import { application, fromPrivate, privateOf, removal } from "../testing/private-messages.ts";
import { expectRefused, insideOf, newcomer, newWorld, stateOf } from "../testing/world.ts";
import { mlsError } from "../testing/suites.ts";

const { mlsPrivateMessage } = WireFormat;

const SIG = "ERR_MLS_INVALID_SIGNATURE";

describe("a message on its way (no keys)", () => {
  it("rfc29 rfc30 trap28 trap36: any changed field of a private message; then the genuine one opens", async () => {
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
    const all = await newWorld({ config: { maxPastEpochs: 1 } });
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
    const { message } = await bob.group.propose(bob.signer, proposals.remove(2));
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
