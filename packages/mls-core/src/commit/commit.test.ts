import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decodeMlsMessage, encodeMlsMessage } from "../framing/mls-message.ts";
import { basicCredential, MlsGroup, requiredCapabilitiesExtension, storeExternalPsk } from "../index.ts";
import { encryptContext, type HpkeCiphertext } from "../labels/index.ts";
import { ContentType, LeafNodeSource, ProposalType, PskType, SenderType, WireFormat } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { follow } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeMessage, freshKey } from "../testing/forge.ts";
import { type ForgedCommit, forgeCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import {
  expectRefused,
  insideOf,
  Judge,
  newcomer,
  newWorld,
  recordsOf,
  sharedWorld,
  stateOf,
  type World,
} from "../testing/world.ts";
import { altered } from "../testing/suites.ts";
import { provisionalContext } from "./apply-commit.ts";

const world = sharedWorld();
const ext = (extensionType: number): { extensionType: number; extensionData: Uint8Array } => ({
  extensionType,
  extensionData: new Uint8Array([0]),
});
const { mlsPublicMessage, mlsPrivateMessage } = WireFormat;

/** One thing that is wrong about a commit of Mallory's. */
type Case = readonly [
  name: string,
  code: MlsErrorCode,
  rule: string | undefined,
  forged: (all: World) => ForgedCommit | Promise<ForgedCommit>,
];

async function expectCommitRefused(all: World, [, code, rule, forged]: Case): Promise<void> {
  const { mallory } = all;
  const options = await forged(all);
  const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, options);
  await expectRefused(all, message, code, rule);
}

const V = "ERR_MLS_VALIDATION";
const SIG = "ERR_MLS_INVALID_SIGNATURE";
const TAG = "ERR_MLS_INVALID_TAG";

describe("the leaf of a path (valn1207, RFC 9420 §7.3)", () => {
  const cases: readonly Case[] = [
    [
      "valn0110: source update",
      V,
      "valn0110",
      () => ({ leaf: (leaf) => ({ ...leaf, leafNodeSource: LeafNodeSource.update }) }),
    ],
    [
      "valn0110: source key_package",
      V,
      "valn0110",
      () => ({
        leaf: (leaf) => ({
          ...leaf,
          leafNodeSource: LeafNodeSource.keyPackage,
          lifetime: { notBefore: 0n, notAfter: 0xffff_ffff_ffffn },
        }),
      }),
    ],
    [
      "valn0111: signature key of another member",
      V,
      "valn0111",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, signatureKey: alice.signer.publicKey }),
        leafSigner: alice.signer,
      }),
    ],
    [
      "valn0112: encryption_key of another member",
      V,
      "valn0112",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: alice.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn1208: keeps its encryption_key",
      V,
      "valn1208",
      ({ mallory }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: mallory.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn0107: extension that it does not list",
      V,
      "valn0107",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(0xf001)] }) }),
    ],
    [
      "valn1601: extension type 4",
      V,
      "valn1601",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(4)] }) }),
    ],
    [
      "valn0113: own credential type not listed",
      V,
      "valn0113",
      () => ({ leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), credentials: [2] } }) }),
    ],
    [
      "rfc38: cipher suite not listed",
      V,
      "rfc38",
      () => ({
        leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), cipherSuites: [2] } }),
      }),
    ],
    ["valn0102: bound to another leaf index", SIG, "valn0102", () => ({ leafPosition: { leafIndex: 2 } })],
    [
      "valn0102: bound to another group",
      SIG,
      "valn0102",
      () => ({ leafPosition: { groupId: utf8("elsewhere") } }),
    ],
    [
      "valn0102: one bit of its signature",
      SIG,
      "valn0102",
      () => ({ signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature, 9) }) }),
    ],
    [
      "rfc16: another identity",
      "ERR_MLS_CREDENTIAL_REJECTED",
      "rfc16",
      () => ({ leaf: (leaf) => ({ ...leaf, credential: basicCredential(utf8("alice")) }) }),
    ],
    [
      "rfc52: one bit of parent_hash",
      V,
      "rfc52",
      () => ({
        leaf: (leaf) =>
          leaf.leafNodeSource === LeafNodeSource.commit
            ? { ...leaf, parentHash: flip(leaf.parentHash) }
            : leaf,
      }),
    ],
    [
      "rfc52 trap12: empty parent_hash",
      V,
      "rfc52",
      () => ({ leaf: (leaf) => ({ ...leaf, leafNodeSource: 3, parentHash: new Uint8Array() }) }),
    ],
    [
      "rfc54: encryption_key is its own signature key",
      V,
      "rfc54",
      () => ({ leaf: (leaf) => ({ ...leaf, encryptionKey: leaf.signatureKey }) }),
    ],
  ];

  it.each(cases)("%s", async (...one) => {
    await expectCommitRefused(await world(), one);
  });

  it("valn0103 rfc43: lacks what the group requires", async () => {
    const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [2] };
    const all = await newWorld({ extensions: [requiredCapabilitiesExtension(required)] });
    await expectCommitRefused(all, [
      "",
      V,
      "valn0103",
      () => ({ leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), credentials: [1] } }) }),
    ]);
  });

  it("valn0101 rfc16: the validator judges a new key and a new credential", async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const { alice, bob } = all;
    const renewed = await SignatureKeyPair.generate(await nodeCrypto().cipherSuite(1));
    const credential = basicCredential(utf8("alice 2"));
    const credentialWithKey = { credential, signatureKey: renewed.publicKey };
    const { commit } = await alice.group.selfUpdate(alice.signer, { credentialWithKey }, renewed);
    const before = stateOf(bob);
    judge.calls.length = 0;
    judge.verdict = () => false;
    const refused = { code: "ERR_MLS_CREDENTIAL_REJECTED" };
    await expect(bob.group.processMessage(commit)).rejects.toMatchObject({ ...refused, rule: "valn0101" });
    expect(judge.calls).toMatchObject([{ purpose: "update", signaturePublicKey: renewed.publicKey }]);
    judge.verdict = () => true;
    await expect(bob.group.processMessage(commit)).rejects.toMatchObject({ ...refused, rule: "rfc16" });
    expect(stateOf(bob)).toEqual(before);
    judge.successor = () => true;
    await follow(bob.group, commit);
    expect(bob.group.leafNode(0)?.credential).toEqual(credential);
  });
});

describe("the nodes of a path (RFC 9420 §7.6)", () => {
  const cases: readonly Case[] = [
    [
      "valn1101: one ciphertext less",
      V,
      "valn1101",
      () => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({
            ...node,
            encryptedPathSecret: node.encryptedPathSecret.slice(1),
          })),
        }),
      }),
    ],
    [
      "valn1101: one ciphertext more",
      V,
      "valn1101",
      () => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({
            ...node,
            encryptedPathSecret: [...node.encryptedPathSecret, ...node.encryptedPathSecret.slice(0, 1)],
          })),
        }),
      }),
    ],
    [
      "valn1101 rfc45: a ciphertext for a leaf that the commit adds",
      V,
      "valn1101",
      async () => ({
        proposals: [
          { proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(await newcomer("dave")) },
        ],
        newLeaves: [],
      }),
    ],
    [
      "rfc44: a node less",
      V,
      "rfc44",
      () => ({ editPath: (path) => ({ ...path, nodes: path.nodes.slice(0, -1) }) }),
    ],
    [
      "rfc44: a node more",
      V,
      "rfc44",
      () => ({ editPath: (path) => ({ ...path, nodes: [...path.nodes, path.nodes[0]!] }) }),
    ],
    [
      "valn1209: a leaf key of another member",
      V,
      "valn1209",
      ({ alice }) => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({
            ...node,
            encryptionKey: alice.group.ownLeafNode.encryptionKey,
          })),
        }),
      }),
    ],
    [
      "valn1209: the key of the path's own leaf",
      V,
      "valn1209",
      () => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({ ...node, encryptionKey: path.leafNode.encryptionKey })),
        }),
      }),
    ],
    [
      "valn1209: one key twice",
      V,
      "valn1209",
      () => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({ ...node, encryptionKey: path.nodes[0]!.encryptionKey })),
        }),
      }),
    ],
    [
      "rfc54: a signature key",
      V,
      "rfc54",
      ({ alice }) => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node, at) =>
            at > 0 ? node : { ...node, encryptionKey: alice.signer.publicKey },
          ),
        }),
      }),
    ],
    [
      "rfc08: a key of 31 bytes",
      V,
      "rfc08",
      () => ({
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node, at) =>
            at > 0 ? node : { ...node, encryptionKey: new Uint8Array(31) },
          ),
        }),
      }),
    ],
    [
      "rfc13: path secrets sealed as for a Welcome",
      "ERR_MLS_DECRYPTION",
      undefined,
      async ({ mallory }) => {
        const { suite } = (await insideOf(mallory)).env;
        return {
          editPath: async (path, tree, sealContext) => {
            const seal = encryptContext(suite, "Welcome", sealContext);
            const sealed = async (node: number): Promise<HpkeCiphertext> =>
              seal(tree.encryptionKey(node)!, new Uint8Array(32));
            return {
              ...path,
              nodes: [
                path.nodes[0]!,
                { ...path.nodes[1]!, encryptedPathSecret: await Promise.all(tree.resolution(1).map(sealed)) },
              ],
            };
          },
        };
      },
    ],
    [
      "rfc47: sealed under the old context",
      "ERR_MLS_DECRYPTION",
      undefined,
      async ({ mallory }) => {
        const { epoch } = await insideOf(mallory);
        return { sealContext: () => epoch.groupContext };
      },
    ],
    [
      "rfc47: sealed under the old epoch",
      "ERR_MLS_DECRYPTION",
      undefined,
      () => ({ sealContext: (context) => ({ ...context, epoch: context.epoch - 1n }) }),
    ],
    [
      "rfc47: sealed under another transcript hash",
      "ERR_MLS_DECRYPTION",
      undefined,
      () => ({ sealContext: (context) => ({ ...context, confirmedTranscriptHash: new Uint8Array(32) }) }),
    ],
  ];

  it.each(cases)("%s", async (...one) => {
    await expectCommitRefused(await world(), one);
  });

  it("valn1209: the key of a leaf that the commit adds", async () => {
    const keyPackage = await forgeKeyPackage(await newcomer("dave"));
    await expectCommitRefused(await world(), [
      "",
      V,
      "valn1209",
      () => ({
        proposals: [{ proposalType: ProposalType.add, keyPackage }],
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((node) => ({ ...node, encryptionKey: keyPackage.leafNode.encryptionKey })),
        }),
      }),
    ]);
  });

  it("rfc46 rfc125: a secret that does not yield the keys is told by its victim, who can rejoin", async () => {
    const all = await newWorld();
    const { bob, charlie, mallory } = all;
    const state = await insideOf(mallory);
    const { message } = await forgeCommit(state, mallory.signer, {
      // Alice and Bob open the second node of Mallory's path, Charlie the first
      editPath: async (path, tree, sealContext) => {
        const seal = encryptContext(state.env.suite, "UpdatePathNode", sealContext);
        const encryptedPathSecret = await Promise.all(
          tree.resolution(1).map(async (node) => seal(tree.encryptionKey(node)!, new Uint8Array(32).fill(1))),
        );
        return { ...path, nodes: [path.nodes[0]!, { ...path.nodes[1]!, encryptedPathSecret }] };
      },
    });
    await expectRefused(all, message, V, "rfc46");
    await follow(charlie.group, message);
    await bob.group.delete();
    const join = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await charlie.group.exportGroupInfo(charlie.signer),
      credentialWithKey: bob.credentialWithKey,
    });
    await follow(charlie.group, join.commit);
    expect((await join.intoGroup()).epochAuthenticator).toEqual(charlie.group.epochAuthenticator);
  });

  it("rfc46: a right secret and a wrong public key above", async () => {
    const all = await world();
    const { charlie, mallory } = all;
    const state = await insideOf(mallory);
    const { suite } = state.env;
    let calls = 0;
    const deriveKeyPair: typeof suite.deriveKeyPair = async (seed) => {
      const keys = await suite.deriveKeyPair(seed);
      calls += 1; // the leaf, its parent, the root
      return calls === 3 ? { ...keys, publicKey: await freshKey(suite) } : keys;
    };
    Object.assign(state, { env: { ...state.env, suite: altered(suite, { deriveKeyPair }) } });
    const { message } = await forgeCommit(state, mallory.signer);
    await expectRefused(all, message, V, "rfc46", charlie);
    await expectRefused(all, message, V, "rfc46");
  });
});

describe("signature, tags and epoch of a commit (RFC 9420 §12.4.2)", () => {
  const cases: readonly Case[] = [
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
      [mlsPublicMessage, mlsPrivateMessage].map((wireFormat): Case => [
        `valn1201 rfc35 trap02: of epoch ${epoch} in wire format ${wireFormat}`,
        "ERR_MLS_WRONG_EPOCH",
        "rfc35",
        () => ({ wireFormat, editContent: (content) => ({ ...content, epoch }) }),
      ]),
    ),
    ...[
      ["one byte changed", (id: Uint8Array) => flip(id, 3)],
      ["empty", () => new Uint8Array()],
    ].map(([what, edit]): Case => [
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
      provisionalContext({ ...epoch.groupContext, epoch: number }, epoch.tree, []);
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

describe("an external commit (RFC 9420 §12.4.3.2)", () => {
  const dave = newcomer("dave");
  const cases: readonly (readonly [string, MlsErrorCode, string | undefined, ForgedCommit])[] = [
    ["valn0405: without a path", V, "valn0405", { path: false }],
    [
      "valn0405 trap21: for another leaf than the leftmost free one",
      SIG,
      "valn0102",
      { leafPosition: { leafIndex: 5 } },
    ],
    ["valn0407: one bit of the signature", SIG, "valn0407", { editSignature: flip }],
    [
      "valn0407: one bit of the leaf's signature",
      SIG,
      "valn0102",
      { signedLeaf: (l) => ({ ...l, signature: flip(l.signature) }) },
    ],
    [
      "valn1209: a key of the group",
      V,
      "valn1209",
      {
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((n) => ({ ...n, encryptionKey: path.leafNode.encryptionKey })),
        }),
      },
    ],
    ["rfc44: a node less", V, "rfc44", { editPath: (path) => ({ ...path, nodes: path.nodes.slice(1) }) }],
    ["rfc27: confirmation tag", TAG, "rfc27", { editTag: flip }],
    [
      "valn1201: of another epoch",
      "ERR_MLS_WRONG_EPOCH",
      "rfc35",
      { editContent: (c) => ({ ...c, epoch: 0n }) },
    ],
  ];

  it.each(cases)("%s", async (_, code, rule, options) => {
    const all = await world();
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave, options);
    await expectRefused(all, message, code, rule);
  });

  it("valn0407: signed by a key that is not the path leaf's", async () => {
    const all = await world();
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave, {
      signer: all.mallory.signer,
    });
    await expectRefused(all, message, SIG, "valn0407");
  });

  it("valn0407: signed by the removed old leaf's key", async () => {
    const all = await world();
    const renewed = await newcomer("charlie");
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), renewed, {
      proposals: [{ proposalType: ProposalType.remove, removed: 2 }],
      signer: all.charlie.signer,
    });
    await expectRefused(all, message, SIG, "valn0407");
  });

  it("rfc57: with kem_output for another key, of a wrong length, of low order, or the old init secret", async () => {
    const all = await world();
    const state = await insideOf(all.mallory);
    const external = async (kemOutput: Uint8Array): Promise<Uint8Array> =>
      (
        await forgeExternalCommit(state, await dave, {
          externalInits: 0,
          proposals: [{ proposalType: ProposalType.externalInit, kemOutput }],
        })
      ).message;
    await expectRefused(all, await external(await freshKey(state.env.suite)), TAG, "rfc27");
    await expectRefused(all, await external(new Uint8Array(31).fill(9)), "ERR_MLS_INVALID_KEY");
    await expectRefused(all, await external(new Uint8Array()), "ERR_MLS_INVALID_KEY");
    await expectRefused(all, await external(new Uint8Array(32)), "ERR_MLS_CRYPTO"); // rfc09
    const { message } = await forgeExternalCommit(state, await dave, {
      initSecret: state.epoch.secrets.initSecret,
    });
    await expectRefused(all, message, TAG, "rfc27");
  });

  it("valn0101: the validator judges the joiner", async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave);
    judge.verdict = ({ purpose }) => purpose !== "external-join";
    await expectRefused(all, message, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
  });

  it("trap21: the joiner takes the leftmost leaf that is blank after its Remove", async () => {
    const all = await newWorld();
    const { alice, bob, mallory, charlie } = all;
    const { commit } = await alice.group.removeMembers(alice.signer, [1]);
    await alice.group.mergePendingCommit();
    await follow(mallory.group, commit);
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    await charlie.group.delete();
    const join = await MlsGroup.joinByExternalCommit(charlie.provider, charlie.signer, {
      groupInfo,
      credentialWithKey: charlie.credentialWithKey,
    });
    await follow(alice.group, join.commit);
    await follow(mallory.group, join.commit);
    const again = await join.intoGroup();
    expect(again.ownLeafIndex).toBe(1);
    expect(again.epochAuthenticator).toEqual(mallory.group.epochAuthenticator);
    expect(bob.group.epoch).toBe(1n);
  });
});
