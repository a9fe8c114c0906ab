import { proposals } from "../index.ts";
import { utf8 } from "@openmls-ts/traits";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decodeMlsMessage, type PublicMessage } from "../wire/index.ts";
import { sealSenderData } from "../protection/sender-data.ts";
import { ContentType, SenderType, WireFormat } from "../registry.ts";
import { flip, forgeMessage, forgeProposal, type Wrapping } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { application, fromPrivate, privateOf, removal } from "../testing/private-messages.ts";
import { expectRefused, insideOf, newWorld, sharedWorld } from "../testing/world.ts";
import { altered, mlsError } from "../testing/suites.ts";

const { mlsPublicMessage, mlsPrivateMessage } = WireFormat;

const SIG = "ERR_MLS_INVALID_SIGNATURE";

const TAG = "ERR_MLS_INVALID_TAG";

const V = "ERR_MLS_VALIDATION";

function publicOf(message: Uint8Array): PublicMessage {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== mlsPublicMessage) throw new Error("not public");
  return decoded.publicMessage;
}

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
    const { message } = await other.alice.group.propose(other.alice.signer, proposals.remove(2));
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
      await expectRefused(all, message, "ERR_MLS_DECRYPTION");
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
      const { message } = await alice.group.propose(alice.signer, proposals.remove(2));
      const { commit } = await alice.group.commitToPendingProposals(alice.signer);
      expect([message, commit].map((bytes) => decodeMlsMessage(bytes).wireFormat)).toEqual([
        wireFormat,
        wireFormat,
      ]);
    }
  });
});
