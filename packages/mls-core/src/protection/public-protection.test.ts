import { concatBytes, type Signer, utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type AuthenticatedContent,
  type Content,
  type FramedContent,
  type GroupContext,
  type Sender,
} from "../wire/index.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../registry.ts";
import { freshSigner, mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import {
  checkPublic,
  proposalRef,
  protectPublic,
  rfcExternalProposals,
  sealPrivate,
  verifyContent,
} from "./index.ts";
import {
  type World,
  sign,
  makePublic,
  openPublic,
  treeOf,
  newWorld,
  APPLICATION,
  REMOVE,
  COMMIT,
  flipped,
} from "./testing/world.ts";

describe("protection", () => {
  let world: World;
  beforeAll(async () => {
    world = await newWorld(await suiteOf(1));
  });

  describe("of public messages", () => {
    it.each(SUITES)("round trips, suite %i", async (id) => {
      const other = await newWorld(await suiteOf(id));
      for (const body of [REMOVE, COMMIT]) {
        expect(await openPublic(other, await makePublic(other, body))).toMatchObject({
          content: body,
          genuine: true,
        });
      }
    });

    it("refuses application data on both sides (rfc20)", async () => {
      await expect(makePublic(world, APPLICATION)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc20"));
      const { content, auth } = await sign(world, WireFormat.mlsPublicMessage, APPLICATION);
      await expect(openPublic(world, { content, auth, membershipTag: new Uint8Array(32) })).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "rfc20"),
      );
    });

    it.each([
      ["proposal", REMOVE, "valn1302"],
      ["commit", COMMIT, "valn1202"],
    ])("refuses a %s with another membership tag (%#)", async (_, body, rule) => {
      const message = await makePublic(world, body);
      const tag = message.membershipTag!;
      const tags = [flipped(tag, 0), flipped(tag, 31), undefined];
      for (const length of [0, 1, 31, 33, 64]) {
        tags.push(concatBytes(tag, tag).subarray(0, length)); // trap11
      }
      for (const membershipTag of tags) {
        await expect(openPublic(world, { ...message, membershipTag })).rejects.toThrow(
          mlsError("ERR_MLS_INVALID_TAG", rule),
        );
      }
    });

    it("tags content, auth data and context together (valn1302, rfc28)", async () => {
      const message = await makePublic(world, REMOVE);
      const refused = mlsError("ERR_MLS_INVALID_TAG", "valn1302");
      const content = { ...message.content, authenticatedData: utf8("other") };
      await expect(openPublic(world, { ...message, content })).rejects.toThrow(refused);
      const auth = { ...message.auth, signature: flipped(message.auth.signature, 3) };
      await expect(openPublic(world, { ...message, auth })).rejects.toThrow(refused);
      const later = { ...world, context: { ...world.context, epoch: 6n } };
      await expect(openPublic(later, message)).rejects.toThrow(refused);
      const otherKey = { ...world, membershipKey: new Uint8Array(32) };
      await expect(openPublic(otherKey, message)).rejects.toThrow(refused);
    });

    it("does not take a right tag for a right signature (valn1302)", async () => {
      const authenticated = await sign({ ...world, signer: await freshSigner(world.suite) }, 1, REMOVE);
      const message = protectPublic(world.suite, authenticated, world.membershipKey, world.context);
      expect((await openPublic(world, message)).genuine).toBe(false);
    });

    it("needs no membership key for senders outside the group", async () => {
      const sender: Sender = { senderType: SenderType.external, senderIndex: 0 };
      const authenticated = await sign(world, WireFormat.mlsPublicMessage, REMOVE, sender);
      const message = protectPublic(world.suite, authenticated, undefined, undefined);
      expect(message.membershipTag).toBeUndefined();
      expect(await openPublic(world, message)).toMatchObject({ content: REMOVE, genuine: true });
    });

    it("needs it for members", async () => {
      const authenticated = await sign(world, WireFormat.mlsPublicMessage, REMOVE);
      expect(() => protectPublic(world.suite, authenticated, undefined, world.context)).toThrow(
        mlsError("ERR_MLS_INTERNAL"),
      );
    });

    const external: Sender = { senderType: SenderType.external, senderIndex: 0 };
    const newProposal: Sender = { senderType: SenderType.newMemberProposal };
    const newCommit: Sender = { senderType: SenderType.newMemberCommit };
    const externalInit: Content = {
      contentType: ContentType.proposal,
      proposal: { proposalType: ProposalType.externalInit, kemOutput: utf8("x") },
    };
    it.each([
      ["valn1501", external, COMMIT],
      ["valn1502", external, externalInit],
      ["valn1503", newProposal, COMMIT],
      ["valn1504", newProposal, REMOVE],
      ["valn0408", newCommit, REMOVE],
    ])("refuses what a sender may not say (%s)", async (rule, sender, body) => {
      const message = await makePublic(world, body, sender);
      await expect(openPublic(world, message)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", rule));
    });

    it("asks the caller which proposals external senders may send (valn1502)", async () => {
      const message = await makePublic(world, externalInit, external);
      const check = (allowed: number): unknown =>
        checkPublic(world.suite, message, world.membershipKey, world.context, (type) => type === allowed);
      expect(check(ProposalType.externalInit)).toMatchObject({ content: externalInit });
      expect(() => check(ProposalType.remove)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1502"));
      for (const proposalType of Object.values(ProposalType)) {
        const expected = [1, 3, 4, 5, 7].includes(proposalType); // RFC 9420 §17.4
        expect(rfcExternalProposals(proposalType)).toBe(expected);
      }
    });
  });

  describe("by signature", () => {
    it("covers the wire format (rfc24)", async () => {
      const authenticated = await sign(world, WireFormat.mlsPublicMessage, COMMIT);
      const { suite, context, signer } = world;
      await expect(verifyContent(suite, signer.publicKey, authenticated, context)).resolves.toBe(true);
      const moved = { ...authenticated, wireFormat: WireFormat.mlsPrivateMessage };
      await expect(verifyContent(suite, signer.publicKey, moved, context)).resolves.toBe(false);
      const ratchetKey = treeOf(world).take(1, "handshake");
      const { senderDataSecret } = world;
      const sealing = sealPrivate(suite, { authenticated, senderDataSecret, ratchetKey, padding: 0 });
      await expect(sealing).rejects.toThrow(mlsError("ERR_MLS_INTERNAL", "rfc24"));
      const hidden = await sign(world, WireFormat.mlsPrivateMessage, COMMIT);
      expect(() => protectPublic(suite, hidden, world.membershipKey, context)).toThrow(
        mlsError("ERR_MLS_INTERNAL", "rfc24"),
      );
    });

    const add: Content = REMOVE;
    it.each<readonly [string, Sender, Content, boolean]>([
      ["member", { senderType: SenderType.member, leafIndex: 1 }, REMOVE, true],
      ["newMemberCommit", { senderType: SenderType.newMemberCommit }, COMMIT, true],
      ["external", { senderType: SenderType.external, senderIndex: 0 }, REMOVE, false],
      ["newMemberProposal", { senderType: SenderType.newMemberProposal }, add, false],
    ])("covers the context as it must for %s (rfc25)", async (_, sender, body, covers) => {
      const { suite, context, signer } = world;
      const authenticated = await sign(world, WireFormat.mlsPublicMessage, body, sender);
      const verify = async (value: AuthenticatedContent, against?: GroupContext): Promise<boolean> =>
        verifyContent(suite, signer.publicKey, value, against);
      await expect(verify(authenticated, context)).resolves.toBe(true);
      await expect(verify(authenticated, { ...context, epoch: 4n })).resolves.toBe(!covers);
      if (covers) {
        await expect(verify(authenticated)).rejects.toThrow(mlsError("ERR_MLS_INTERNAL", "rfc25"));
      } else {
        await expect(verify(authenticated)).resolves.toBe(true);
      }
    });

    it("covers every field of the content", async () => {
      const { suite, context, signer } = world;
      const { wireFormat, content, auth } = await sign(world, WireFormat.mlsPublicMessage, REMOVE);
      const others: readonly FramedContent[] = [
        { ...content, groupId: utf8("other") },
        { ...content, epoch: 6n },
        { ...content, authenticatedData: utf8("unseen") },
        { ...content, sender: { senderType: SenderType.member, leafIndex: 0 } },
        { ...content, ...COMMIT },
      ];
      for (const other of others) {
        const forged = { wireFormat, content: other, auth };
        await expect(verifyContent(suite, signer.publicKey, forged, context)).resolves.toBe(false);
      }
    });

    it("refuses a signer that returns what cannot be a signature", async () => {
      const { suite, context } = world;
      for (const length of [0, 65]) {
        const signer: Signer = { publicKey: new Uint8Array(32), sign: async () => new Uint8Array(length) };
        await expect(sign({ ...world, signer }, 1, REMOVE)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
      }
      expect(suite.id).toBe(context.cipherSuite);
    });
  });

  describe("proposal references", () => {
    it("hash the whole message, wire format and signature included (rfc14)", async () => {
      const authenticated = await sign(world, WireFormat.mlsPublicMessage, REMOVE);
      const { auth } = authenticated;
      const { suite } = world;
      const refs = [
        authenticated,
        { ...authenticated, wireFormat: WireFormat.mlsPrivateMessage },
        { ...authenticated, auth: { ...auth, signature: flipped(auth.signature, 0) } },
        { ...authenticated, content: { ...authenticated.content, authenticatedData: utf8("x") } },
      ].map((value) => String(proposalRef(suite, value)));
      expect(new Set(refs)).toHaveLength(4);
    });
  });
});
