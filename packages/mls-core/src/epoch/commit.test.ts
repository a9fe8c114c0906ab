import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decodeMlsMessage, encodeMlsMessage } from "../wire/index.ts";
import { storeExternalPsk } from "../index.ts";
import { ContentType, ProposalType, PskType, SenderType, WireFormat } from "../registry.ts";
import { ext } from "../testing/proposals.ts";
import { follow } from "../testing/client.ts";
import { flip, forgeMessage } from "../testing/forge.ts";
import { type ForgedCommit, forgeCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import { type CommitCase, expectCommitRefused } from "../testing/refused-commits.ts";
import {
  expectRefused,
  insideOf,
  newcomer,
  newWorld,
  recordsOf,
  sharedWorld,
  stateOf,
} from "../testing/world.ts";
import { provisionalContext } from "./advance.ts";

const world = sharedWorld();

const { mlsPublicMessage, mlsPrivateMessage } = WireFormat;

const V = "ERR_MLS_VALIDATION";

const SIG = "ERR_MLS_INVALID_SIGNATURE";

const TAG = "ERR_MLS_INVALID_TAG";

describe("signature, tags and epoch of a commit (RFC 9420 §12.4.2)", () => {
  const cases: readonly CommitCase[] = [
    ["valn1202: one bit of the membership tag", TAG, "valn1202", () => ({ editMembershipTag: flip })],
    [
      "valn1202 trap11: an empty membership tag",
      TAG,
      "valn1202",
      () => ({ editMembershipTag: () => new Uint8Array() }),
    ],
    [
      "valn1202 trap11: a membership tag cut short",
      TAG,
      "valn1202",
      () => ({ editMembershipTag: (tag) => tag.slice(0, -1) }),
    ],
    [
      "valn1202 trap11: a membership tag twice as long",
      TAG,
      "valn1202",
      () => ({ editMembershipTag: (tag) => new Uint8Array([...tag, ...tag]) }),
    ],
    ["valn1202: a tag by another key", TAG, "valn1202", () => ({ membershipKey: new Uint8Array(32) })],
    ["valn1203: signed by another member", SIG, "valn1203", ({ charlie }) => ({ signer: charlie.signer })],
    ["valn1203: one bit of the signature", SIG, "valn1203", () => ({ editSignature: flip })],
    [
      "valn1203 valn1301: from a leaf index one off",
      SIG,
      "valn1203",
      () => ({ sender: { senderType: SenderType.member, leafIndex: 2 } }),
    ],
    [
      "valn1301: from a blank leaf",
      V,
      "valn1301",
      () => ({ sender: { senderType: SenderType.member, leafIndex: 4 } }),
    ],
    ["rfc24: signed for the other wire format", SIG, "valn1203", () => ({ signedFormat: mlsPrivateMessage })],
    [
      "rfc24: signed for the other wire format, private",
      SIG,
      "valn1203",
      () => ({ wireFormat: mlsPrivateMessage, signedFormat: mlsPublicMessage }),
    ],
    [
      "rfc25 trap38: signed over the new epoch",
      SIG,
      "valn1203",
      () => ({
        wireFormat: mlsPrivateMessage,
        signContext: (context) => ({ ...context, epoch: context.epoch + 1n }),
      }),
    ],
    [
      "trap38: signed over the new extensions",
      SIG,
      "valn1203",
      () => ({
        wireFormat: mlsPrivateMessage,
        signContext: (context) => ({ ...context, extensions: [ext(0xf001)] }),
      }),
    ],
    [
      "trap38: signed over a new tree hash",
      SIG,
      "valn1203",
      () => ({
        wireFormat: mlsPrivateMessage,
        signContext: (context) => ({ ...context, treeHash: new Uint8Array(32) }),
      }),
    ],
    ["rfc27: first bit of the confirmation tag", TAG, "rfc27", () => ({ editTag: flip })],
    ["rfc27: last byte of the confirmation tag", TAG, "rfc27", () => ({ editTag: (tag) => flip(tag, -1) })],
    ["rfc27 trap11: an empty confirmation tag", TAG, "rfc27", () => ({ editTag: () => new Uint8Array() })],
    ["rfc27 trap11: a confirmation tag cut short", TAG, "rfc27", () => ({ editTag: (tag) => tag.slice(1) })],
    [
      "rfc27: the confirmation tag of the epoch before",
      TAG,
      "rfc27",
      async ({ mallory }) => {
        const { epoch } = await insideOf(mallory);
        return { editTag: () => epoch.confirmationTag };
      },
    ],
    [
      "rfc27 trap37: the last path secret for the commit secret",
      TAG,
      "rfc27",
      () => ({ commitSecret: (prepared) => prepared!.pathSecrets.at(-1)! }),
    ],
    [
      "rfc55: an epoch skipped",
      "ERR_MLS_DECRYPTION",
      undefined,
      () => ({ provisional: (context) => ({ ...context, epoch: context.epoch + 1n }) }),
    ],
    [
      "rfc55: another group id in the next epoch",
      "ERR_MLS_DECRYPTION",
      undefined,
      () => ({ provisional: (context) => ({ ...context, groupId: utf8("elsewhere") }) }),
    ],
    ...[0n, 2n, 0xffff_ffff_ffff_ffffn].flatMap((epoch) =>
      [mlsPublicMessage, mlsPrivateMessage].map((wireFormat): CommitCase => [
        `valn1201 rfc35 trap02: of epoch ${epoch} in wire format ${wireFormat}`,
        "ERR_MLS_WRONG_EPOCH",
        "rfc35",
        () => ({ wireFormat, editContent: (content) => ({ ...content, epoch }) }),
      ]),
    ),
    ...[
      ["one byte changed", (id: Uint8Array) => flip(id, 3)],
      ["empty", () => new Uint8Array()],
    ].map(([what, edit]): CommitCase => [
      `rfc23: group id ${what as string}`,
      "ERR_MLS_WRONG_GROUP",
      "rfc23",
      () => ({
        editContent: (content) => ({
          ...content,
          groupId: (edit as (id: Uint8Array) => Uint8Array)(content.groupId),
        }),
      }),
    ]),
  ];

  it.each(cases)("%s", async (...one) => {
    await expectCommitRefused(await world(), one);
  });

  it("valn1202: authenticated_data changed and signed again under the old tag", async () => {
    const all = await world();
    const { mallory } = all;
    const state = await insideOf(mallory);
    const honest = await forgeCommit(state, mallory.signer);
    const changed = await forgeCommit(state, mallory.signer, {
      editContent: (content) => ({ ...content, authenticatedData: utf8("changed") }),
      editMembershipTag: () => {
        const message = decodeMlsMessage(honest.message);
        return message.wireFormat === mlsPublicMessage
          ? message.publicMessage.membershipTag!
          : new Uint8Array();
      },
    });
    await expectRefused(all, changed.message, TAG, "valn1202");
  });

  it.each([mlsPublicMessage, mlsPrivateMessage])(
    "rfc99 rfc27 trap28: wire format %i, whatever failed before, the genuine commit passes",
    async (wireFormat) => {
      const all = await newWorld();
      const { bob, mallory } = all;
      const state = async (): ReturnType<typeof insideOf> => insideOf(mallory);
      const broken: readonly ForgedCommit[] = [
        { editTag: flip },
        { editSignature: flip },
        { editPath: (path) => ({ ...path, nodes: [] }) },
        { proposals: [{ proposalType: ProposalType.remove, removed: 9 }] },
      ];
      const authenticator = bob.group.epochAuthenticator;
      const exported = bob.group.exportSecret("before", utf8("x"), 32);
      for (const one of broken) {
        const { message } = await forgeCommit(await state(), mallory.signer, { ...one, wireFormat });
        const before = recordsOf(bob);
        await expect(bob.group.processMessage(message)).rejects.toMatchObject({ name: "MlsError" });
        expect(recordsOf(bob)).toBe(before);
      }
      expect(bob.group.epochAuthenticator).toEqual(authenticator);
      expect(bob.group.exportSecret("before", utf8("x"), 32)).toEqual(exported);
      const genuine = await forgeCommit(await state(), mallory.signer, { wireFormat });
      await follow(bob.group, genuine.message);
      expect(bob.group.epoch).toBe(2n);
    },
  );

  it("rfc55: the last epoch cannot be left", async () => {
    const { epoch } = await insideOf((await world()).alice);
    const at = (number: bigint): unknown =>
      provisionalContext({ ...epoch.groupContext, epoch: number }, { tree: epoch.tree, extensions: [] });
    expect(at(0xffff_ffff_ffff_fffen)).toMatchObject({ epoch: 0xffff_ffff_ffff_ffffn });
    expect(at(1n << 53n)).toMatchObject({ epoch: (1n << 53n) + 1n });
    expect(() => at(0xffff_ffff_ffff_ffffn)).toThrow(
      expect.objectContaining({ code: V, rule: "rfc55" }) as Error,
    );
  });
});

describe("PSKs of a commit", () => {
  const name = { pskType: PskType.external, pskId: utf8("shared") } as const;

  it("valn1205 trap42: a missing one is named; once it is stored the same bytes pass", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    await storeExternalPsk(alice.provider.storage, name.pskId, utf8("secret"));
    const { commit } = await alice.group.commitBuilder().injectPsk(name).build(alice.signer);
    const before = stateOf(bob);
    await expect(bob.group.processMessage(commit)).rejects.toMatchObject({
      code: "ERR_MLS_MISSING_PSK",
      rule: "valn1205",
      details: { id: name },
    });
    expect(stateOf(bob)).toEqual(before);
    await storeExternalPsk(bob.provider.storage, name.pskId, utf8("another secret"));
    await expectRefused(all, commit, TAG, "rfc27");
    await storeExternalPsk(bob.provider.storage, name.pskId, utf8("secret"));
    await follow(bob.group, commit);
    await alice.group.mergePendingCommit();
    expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
  });

  it("trap42: a resumption PSK is found by group id and epoch together", async () => {
    const all = await world();
    const { alice } = all;
    const id = { pskType: PskType.resumption, usage: 1, pskEpoch: 1n } as const;
    const build = async (pskGroupId: Uint8Array, pskEpoch: bigint): Promise<unknown> =>
      alice.group
        .commitBuilder()
        .injectPsk({ ...id, pskGroupId, pskEpoch })
        .build(alice.signer);
    for (const [groupId, epoch] of [
      [utf8("another group"), 1n],
      [alice.group.groupId, 77n],
    ] as const) {
      const before = stateOf(alice);
      await expect(build(groupId, epoch)).rejects.toMatchObject({
        code: "ERR_MLS_MISSING_PSK",
        details: { id: { pskGroupId: groupId, pskEpoch: epoch } },
      });
      expect(stateOf(alice)).toEqual(before);
    }
    await expect(build(alice.group.groupId, 1n)).resolves.toBeDefined();
    await alice.group.clearPendingCommit();
  });
});

describe("who may commit", () => {
  it("valn0408: ExternalInit and path from senders of other types", async () => {
    const all = await world();
    const state = await insideOf(all.mallory);
    const dave = await newcomer("dave");
    for (const [sender, rule] of [
      [{ senderType: SenderType.external, senderIndex: 0 }, "valn1501"],
      [{ senderType: SenderType.newMemberProposal }, "valn1503"],
    ] as const) {
      const { message } = await forgeExternalCommit(state, dave, { sender });
      await expectRefused(all, message, V, rule);
    }
    const member = await forgeExternalCommit(state, all.mallory, {
      sender: { senderType: SenderType.member, leafIndex: 3 },
      signer: all.mallory.signer,
    });
    await expectRefused(all, member.message, V, "valn0310");
  });

  it("valn0408: a new member's commit that is a proposal", async () => {
    const all = await world();
    const { message } = await forgeMessage(
      await insideOf(all.mallory),
      all.mallory.signer,
      {
        contentType: ContentType.proposal,
        proposal: { proposalType: ProposalType.remove, removed: 1 },
      },
      { sender: { senderType: SenderType.newMemberCommit } },
    );
    await expectRefused(all, message, V, "valn0408");
  });

  it("rfc28 trap07: bytes behind a commit", async () => {
    const all = await world();
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer);
    await expectRefused(all, new Uint8Array([...message, 0]), "ERR_MLS_DECODE", "trap07");
    expect(encodeMlsMessage(decodeMlsMessage(message))).toEqual(message);
  });
});
