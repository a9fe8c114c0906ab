import { type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../codec/index.ts";
import { externalPubExtension } from "../extension/index.ts";
import { decodeMlsMessage, encodeMlsMessage } from "../framing/mls-message.ts";
import { groupSecrets, type Welcome } from "../framing/welcome-struct.ts";
import { loadKeyPackage } from "../key-package/key-package-store.ts";
import { decryptWithLabel } from "../labels/index.ts";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import {
  basicCredential,
  externalSendersExtension,
  KeyPackage,
  MlsGroup,
  requiredCapabilitiesExtension,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import type { PreSharedKeyId } from "../key-schedule/index.ts";
import { LeafNodeSource, NodeType, PskType, ResumptionPskUsage, WireFormat } from "../registry.ts";
import type { LeafNode, UnsignedLeafNode } from "../tree/leaf-node.ts";
import type { Node, ParentNode } from "../tree/parent-node.ts";
import { ratchetTree } from "../tree/ratchet-tree-extension.ts";
import { preparePath } from "../treekem/create-path.ts";
import { type Client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeLeaf, freshKey, type KeyPackageDefects } from "../testing/forge.ts";
import {
  forgeGroupInfo,
  type ForgedGroupInfo,
  type ForgedWelcome,
  forgeWelcome,
} from "../testing/forge-welcome.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, Judge, newcomer, newWorld, recordsOf, sharedWorld, type World } from "../testing/world.ts";

const V = "ERR_MLS_VALIDATION";
const SIG = "ERR_MLS_INVALID_SIGNATURE";
const ext = (extensionType: number): { extensionType: number; extensionData: Uint8Array } => ({
  extensionType,
  extensionData: new Uint8Array([0]),
});

/** That a Welcome is refused, and that an honest one for the same KeyPackage still works (trap56). */
async function expectWelcomeRefused(
  all: World,
  forged: ForgedWelcome,
  code: MlsErrorCode,
  rule?: string,
  options: { readonly dave?: Client; readonly ratchetTree?: Uint8Array } = {},
): Promise<void> {
  const { mallory } = all;
  const dave = options.dave ?? (await newcomer("dave"));
  const { fields } = await keyPackageOf(dave);
  const state = await insideOf(mallory);
  const { message } = await forgeWelcome(state, mallory.signer, [fields], forged);
  const before = recordsOf(dave);
  const tree = options.ratchetTree === undefined ? {} : { ratchetTree: options.ratchetTree };
  await expect(StagedWelcome.fromWelcome(dave.provider, message, tree)).rejects.toThrow(mlsError(code, rule));
  expect(recordsOf(dave)).toBe(before);
  const honest = await forgeWelcome(state, mallory.signer, [fields]);
  const group = await (await StagedWelcome.fromWelcome(dave.provider, honest.message)).intoGroup();
  expect(group.members()).toHaveLength(5);
}

/** The same GroupInfo offered for an external join. */
async function expectGroupInfoRefused(
  all: World,
  forged: ForgedGroupInfo,
  code: MlsErrorCode,
  rule?: string,
): Promise<void> {
  const { mallory } = all;
  const dave = await newcomer("dave");
  const groupInfo = await forgeGroupInfo(await insideOf(mallory), mallory.signer, forged);
  await expect(
    MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo,
      credentialWithKey: dave.credentialWithKey,
    }),
  ).rejects.toThrow(mlsError(code, rule));
  expect(dave.storage.entries()).toHaveLength(0);
}

/** A leaf of the tree, changed and signed again by its owner's key (Mallory holds only her own). */
async function resigned(all: World, change: (leaf: UnsignedLeafNode) => UnsignedLeafNode): Promise<LeafNode> {
  const { charlie } = all;
  const { signature: _, ...unsigned } = charlie.group.ownLeafNode;
  return forgeLeaf(charlie.signer, change(unsigned), { groupId: charlie.group.groupId, leafIndex: 2 });
}

/** A tree with one member more, who joined with a defect. */
async function withMember(defects: KeyPackageDefects): Promise<ForgedGroupInfo> {
  const { leafNode } = await forgeKeyPackage(await newcomer("erin"), defects);
  return { tree: (tree) => void tree.addLeaf(leafNode) };
}

const atLeaf =
  (leafIndex: number, leafNode: LeafNode) =>
  (nodes: (Node | undefined)[]): (Node | undefined)[] =>
    nodes.map((node, i) => (i === 2 * leafIndex ? { nodeType: NodeType.leaf, leafNode } : node));
const atParent =
  (change: (parent: ParentNode) => ParentNode, only?: number) =>
  (nodes: (Node | undefined)[]): (Node | undefined)[] =>
    nodes.map((node, i) =>
      node?.nodeType === NodeType.parent && (only === undefined || only === i)
        ? { nodeType: NodeType.parent, parentNode: change(node.parentNode) }
        : node,
    );

describe("a GroupInfo and its tree, in a Welcome and for an external join (valn1405 to valn1410, rfc108)", () => {
  const world = sharedWorld();
  type Case = readonly [
    string,
    MlsErrorCode,
    string,
    (all: World) => ForgedGroupInfo | Promise<ForgedGroupInfo>,
  ];
  const cases: readonly Case[] = [
    [
      "valn1402: one bit of the signature",
      SIG,
      "valn1402",
      () => ({ editInfo: (info) => ({ ...info, signature: flip(info.signature) }) }),
    ],
    ["valn1402: signed by another member", SIG, "valn1402", ({ charlie }) => ({ signer: charlie.signer })],
    ...[6, 7, 8, 2 ** 31, 2 ** 32 - 1].map((signer): Case => [
      `valn1402 trap02: signer ${signer}`,
      SIG,
      "valn1402",
      () => ({ info: (info) => ({ ...info, signer }) }),
    ]),
    [
      "valn1405 rfc112: one bit of the tree hash",
      V,
      "valn1405",
      () => ({ context: (context) => ({ ...context, treeHash: flip(context.treeHash) }) }),
    ],
    [
      "valn1405 rfc112: the tree of the epoch before",
      V,
      "valn1405",
      async ({ mallory }) => {
        const { tree } = (await insideOf(mallory)).epoch;
        return { context: (context) => ({ ...context, treeHash: flip(tree.treeHash(), 1) }) };
      },
    ],
    [
      "valn1406: another encryption key in a parent",
      V,
      "valn1406",
      async ({ mallory }) => {
        const encryptionKey = await freshKey((await insideOf(mallory)).env.suite);
        return { nodes: atParent((parent) => ({ ...parent, encryptionKey }), 3) };
      },
    ],
    [
      "valn1406: another parent_hash in a parent",
      V,
      "valn1406",
      () => ({ nodes: atParent((parent) => ({ ...parent, parentHash: new Uint8Array(32).fill(1) }), 1) }),
    ],
    [
      "valn1407 valn0102: one bit of a leaf's signature",
      SIG,
      "valn0102",
      async () => withMember({ signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature) }) }),
    ],
    [
      "valn1407 valn0102: an update leaf of another group",
      SIG,
      "valn0102",
      async () => withMember({ leaf: (leaf) => ({ ...leaf, leafNodeSource: LeafNodeSource.update }) }),
    ],
    [
      "valn1407 valn0112: two leaves with one encryption key",
      V,
      "valn0112",
      async (all) => {
        const { encryptionKey } = all.bob.group.ownLeafNode;
        return { nodes: atLeaf(2, await resigned(all, (leaf) => ({ ...leaf, encryptionKey }))) };
      },
    ],
    [
      "valn1407 valn0111: one leaf twice",
      V,
      "valn0112",
      (all) => ({ nodes: atLeaf(2, all.bob.group.ownLeafNode) }),
    ],
    [
      "valn1407 valn0111: two leaves with one signature key",
      V,
      "valn0111",
      async ({ bob, mallory }) => {
        const encryptionKey = await freshKey((await insideOf(mallory)).env.suite);
        const { signature: _, ...unsigned } = bob.group.ownLeafNode;
        return { nodes: atLeaf(2, await forgeLeaf(bob.signer, { ...unsigned, encryptionKey })) };
      },
    ],
    [
      "valn1407 rfc38: a leaf that does not list the suite",
      V,
      "rfc38",
      async () =>
        withMember({
          leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, cipherSuites: [2] } }),
        }),
    ],
    [
      "valn1407 valn1601: a leaf with an extension that belongs in none",
      V,
      "valn1601",
      async () => withMember({ leaf: (leaf) => ({ ...leaf, extensions: [ext(2)] }) }),
    ],
    [
      "valn1407 rfc10: a leaf with a key of another signature scheme",
      V,
      "rfc10",
      async () => withMember({ leaf: (leaf) => ({ ...leaf, signatureKey: new Uint8Array(65).fill(4) }) }),
    ],
    [
      "valn1407 rfc08: a leaf with a key of 31 bytes",
      V,
      "rfc08",
      async () => withMember({ leaf: (leaf) => ({ ...leaf, encryptionKey: new Uint8Array(31).fill(4) }) }),
    ],
    [
      "valn1407 valn0103: required capabilities that members lack",
      V,
      "valn0103",
      () => ({
        context: (context) => ({
          ...context,
          extensions: [
            requiredCapabilitiesExtension({
              extensionTypes: [0xf001],
              proposalTypes: [],
              credentialTypes: [],
            }),
          ],
        }),
      }),
    ],
    ...(
      [
        ["a blank leaf", 7],
        ["a leaf of the other half", 5],
        ["an index past the tree", 9],
        ["2^32 - 1", 2 ** 32 - 1],
      ] as const
    ).map(([what, index]): Case => [
      `valn1408 trap02: unmerged_leaves names ${what}`,
      V,
      "valn1408",
      () => ({ nodes: atParent((parent) => ({ ...parent, unmergedLeaves: [index] }), 3) }),
    ]),
    [
      "valn1410: a parent with another parent's key",
      V,
      "valn1410",
      async ({ alice }) => {
        const parent = (await insideOf(alice)).epoch.tree.parentNode(3)!;
        return { nodes: atParent((own) => ({ ...own, encryptionKey: parent.encryptionKey }), 1) };
      },
    ],
    [
      "valn1410: a parent with a leaf's key",
      V,
      "valn1410",
      ({ bob }) => ({
        nodes: atParent((own) => ({ ...own, encryptionKey: bob.group.ownLeafNode.encryptionKey }), 1),
      }),
    ],
    ...[1, 3, 5].map((type): Case => [
      `valn1602: extension type ${type} in GroupInfo`,
      V,
      "valn1602",
      async ({ mallory }) => ({
        extensions: [
          externalPubExtension(await freshKey((await insideOf(mallory)).env.suite)),
          { extensionType: type, extensionData: new Uint8Array([0, 0, 0]) },
        ],
      }),
    ]),
    ...[1, 2, 4].map((type): Case => [
      `valn1603: extension type ${type} in GroupContext`,
      V,
      "valn1603",
      () => ({ context: (context) => ({ ...context, extensions: [ext(type)] }) }),
    ]),
    [
      "rfc102 rfc85: the group uses an extension that nobody lists",
      V,
      "rfc115",
      () => ({ context: (context) => ({ ...context, extensions: [ext(0xf001)] }) }),
    ],
    ["rfc110: the tree ends with a blank", V, "rfc110", () => ({ nodes: (nodes) => [...nodes, undefined] })],
    ["rfc110: the tree is empty", V, "rfc110", () => ({ nodes: () => [] })],
    [
      "rfc111: a parent in the place of a leaf",
      V,
      "rfc111",
      () => ({ nodes: (nodes) => [nodes[3], ...nodes.slice(1)] }),
    ],
    [
      "rfc111: an even number of nodes",
      V,
      "rfc111",
      () => ({ nodes: (nodes) => [...nodes, nodes[3]].slice(-2) }),
    ],
  ];

  it.each(cases)("%s", async (_, code, rule, make) => {
    const all = await world();
    const forged = await make(all);
    await expectWelcomeRefused(all, forged, code, rule);
    await expectGroupInfoRefused(all, forged, code, rule);
  });

  it("rfc107: without a tree it is asked for; with it the join works", async () => {
    const all = await world();
    const { alice, mallory } = all;
    const missing = "ERR_MLS_MISSING_RATCHET_TREE";
    await expectWelcomeRefused(all, { withTree: false }, missing, "rfc107");
    await expectGroupInfoRefused(all, { withTree: false }, missing, "rfc107");
    const elsewhere = await newWorld();
    for (const wrong of [alice.group.exportRatchetTree(), elsewhere.alice.group.exportRatchetTree()]) {
      // valn1405 rfc112: the tree of the epoch before, and a valid one of another group
      for (const withTree of [true, false]) {
        await expectWelcomeRefused(all, { withTree }, V, "valn1405", { ratchetTree: wrong });
      }
    }
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const state = await insideOf(mallory);
    const { message, nodes } = await forgeWelcome(state, mallory.signer, [fields], { withTree: false });
    const staged = await StagedWelcome.fromWelcome(dave.provider, message, {
      ratchetTree: encode(ratchetTree, nodes),
    });
    expect(staged.members()).toHaveLength(5);
  });

  it("rfc101: unknown and GREASE extensions of a GroupInfo are ignored", async () => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    const extensions = [
      { extensionType: 0xf00d, extensionData: new Uint8Array(1000) },
      { extensionType: 0x6a6a, extensionData: new Uint8Array(2) },
    ];
    const { fields } = await keyPackageOf(dave);
    const { message } = await forgeWelcome(await insideOf(mallory), mallory.signer, [fields], { extensions });
    expect((await StagedWelcome.fromWelcome(dave.provider, message)).sender).toBe(3);
  });

  it("rfc08 rfc09 rfc108: external_pub that is no key, or of low order", async () => {
    const all = await world();
    for (const [key, code] of [
      [new Uint8Array(31).fill(9), "ERR_MLS_INVALID_KEY"],
      [new Uint8Array(), "ERR_MLS_INVALID_KEY"],
      [new Uint8Array(32), "ERR_MLS_CRYPTO"],
    ] as const) {
      await expectGroupInfoRefused(all, { extensions: [externalPubExtension(key)] }, code);
    }
    await expectGroupInfoRefused(all, { extensions: [] }, V, "rfc108");
  });

  it("rfc108: members refuse an external commit that was made for the epoch before", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const dave = await newcomer("dave");
    const stale = await alice.group.exportGroupInfo(alice.signer);
    await follow(bob.group, (await alice.group.selfUpdate(alice.signer)).commit);
    const join = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo: stale,
      credentialWithKey: dave.credentialWithKey,
    });
    await expect(bob.group.processMessage(join.commit)).rejects.toThrow(
      mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"),
    );
  });

  it("valn0101 rfc17: the validator judges every member and external sender of a group to be joined", async () => {
    const service = {
      credential: basicCredential(utf8("service")),
      signatureKey: new Uint8Array(32).fill(1),
    };
    const all = await newWorld({ extensions: [externalSendersExtension([service])] });
    const judge = new Judge();
    const dave = await newcomer("dave", { provider: { credentialValidator: judge } });
    judge.verdict = ({ purpose }) => purpose !== "external-sender";
    await expect(
      MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
        groupInfo: await all.alice.group.exportGroupInfo(all.alice.signer),
        credentialWithKey: dave.credentialWithKey,
      }),
    ).rejects.toThrow(mlsError("ERR_MLS_CREDENTIAL_REJECTED", "rfc17"));
    const { fields } = await keyPackageOf(dave);
    const { message } = await forgeWelcome(await insideOf(all.mallory), all.mallory.signer, [fields]);
    const refused = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "rfc17");
    await expect(StagedWelcome.fromWelcome(dave.provider, message)).rejects.toThrow(refused);
    const { publicKey } = all.bob.signer;
    judge.verdict = ({ signaturePublicKey }) => !publicKey.every((byte, i) => byte === signaturePublicKey[i]);
    await expect(StagedWelcome.fromWelcome(dave.provider, message)).rejects.toThrow(
      mlsError("ERR_MLS_CREDENTIAL_REJECTED", "valn0101"),
    );
    judge.calls.length = 0;
    judge.verdict = () => true;
    await StagedWelcome.fromWelcome(dave.provider, message);
    expect(judge.calls.filter(({ purpose }) => purpose === "join")).toHaveLength(5);
  });
});

describe("the secrets of a Welcome (RFC 9420 §12.4.3.1)", () => {
  const world = sharedWorld();
  const flipSecret =
    (field: "kemOutput" | "ciphertext") =>
    (welcome: Welcome): Welcome => ({
      ...welcome,
      secrets: welcome.secrets.map(({ newMember, encryptedGroupSecrets }) => ({
        newMember,
        encryptedGroupSecrets: { ...encryptedGroupSecrets, [field]: flip(encryptedGroupSecrets[field], 2) },
      })),
    });

  it.each<readonly [string, ForgedWelcome]>([
    ["one bit of kem_output", { editWelcome: flipSecret("kemOutput") }],
    ["one bit of the ciphertext", { editWelcome: flipSecret("ciphertext") }],
    [
      "one bit of encrypted_group_info",
      { editWelcome: (w) => ({ ...w, encryptedGroupInfo: flip(w.encryptedGroupInfo, -1) }) },
    ],
    ["rfc13: sealed for another purpose", { label: "UpdatePathNode" }],
    ["rfc13: sealed without a context", { sealFor: () => new Uint8Array() }],
    ["bound to another encrypted_group_info", { sealFor: (info) => flip(info) }],
    ["another joiner_secret", { secrets: (s) => ({ ...s, joinerSecret: flip(s.joinerSecret) }) }],
    ["an empty joiner_secret", { secrets: (s) => ({ ...s, joinerSecret: new Uint8Array() }) }],
  ])("rfc104 trap56 trap59: %s", async (_, forged) => {
    await expectWelcomeRefused(await world(), forged, "ERR_MLS_DECRYPTION");
  });

  it("rfc104: the secrets of one Welcome with the GroupInfo of another", async () => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const [one, two] = await Promise.all(
      [1, 2].map(async () => forgeWelcome(await insideOf(mallory), mallory.signer, [fields])),
    );
    const welcomeOf = (bytes: Uint8Array): Welcome => {
      const message = decodeMlsMessage(bytes);
      if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
      return message.welcome;
    };
    const welcome = {
      ...welcomeOf(one!.message),
      encryptedGroupInfo: welcomeOf(two!.message).encryptedGroupInfo,
    };
    const mixed = encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome });
    const before = recordsOf(dave);
    await expect(StagedWelcome.fromWelcome(dave.provider, mixed)).rejects.toThrow(
      mlsError("ERR_MLS_DECRYPTION"),
    );
    expect(recordsOf(dave)).toBe(before);
  });

  it.each<readonly [string, (w: Welcome) => Welcome]>([
    ["no entry", (w) => ({ ...w, secrets: [] })],
    [
      "one bit of the reference",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: flip(s.newMember) })) }),
    ],
    [
      "an empty reference",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: new Uint8Array() })) }),
    ],
    [
      "a reference of 2000 bytes",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: new Uint8Array(2000) })) }),
    ],
  ])("rfc103: %s", async (_, editWelcome) => {
    await expectWelcomeRefused(await world(), { editWelcome }, "ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103");
  });

  it("valn1404 rfc103: the Welcome's suite, or the GroupContext's, is another one", async () => {
    const all = await world();
    await expectWelcomeRefused(all, { editWelcome: (w) => ({ ...w, cipherSuite: 3 }) }, V, "rfc103");
    await expectWelcomeRefused(all, { context: (c) => ({ ...c, cipherSuite: 3 }) }, V, "valn1404");
    await expectWelcomeRefused(
      all,
      { editWelcome: (w) => ({ ...w, cipherSuite: 0xf00d }) },
      "ERR_MLS_UNSUPPORTED_CIPHER_SUITE",
    );
  });

  it.each<readonly [string, (tag: Uint8Array) => Uint8Array]>([
    ["one bit", flip],
    ["cut short", (tag) => tag.slice(1)],
    ["empty", () => new Uint8Array()],
    ["twice as long", (tag) => new Uint8Array([...tag, ...tag])],
  ])("valn1411 trap11: confirmation_tag, %s", async (_, editTag) => {
    await expectWelcomeRefused(await world(), { editTag }, "ERR_MLS_INVALID_TAG", "valn1411");
  });

  it("valn1411: the confirmation_tag of the epoch before", async () => {
    const all = await world();
    const { confirmationTag } = (await insideOf(all.mallory)).epoch;
    await expectWelcomeRefused(all, { editTag: () => confirmationTag }, "ERR_MLS_INVALID_TAG", "valn1411");
  });

  it("rfc105: no leaf is ours, or only its signature key is", async () => {
    const all = await world();
    await expectWelcomeRefused(all, { adds: [] }, V, "rfc105");
    for (const what of ["encryption_key", "capabilities"] as const) {
      const dave = await newcomer("dave");
      await expectWelcomeRefused(
        all,
        {
          tree: async (tree) => {
            const { suite } = tree;
            const { signature: _, ...leaf } = tree.leaf(4)!;
            const unsigned =
              what === "encryption_key"
                ? { ...leaf, encryptionKey: await freshKey(suite) }
                : { ...leaf, capabilities: { ...leaf.capabilities, proposals: [0xf001] } };
            tree.setLeaf(4, await forgeLeaf(dave.signer, unsigned));
          },
        },
        V,
        "rfc105",
        { dave },
      );
    }
  });

  it("rfc106: a path secret that does not fit, or in a place where there is none", async () => {
    const all = await world();
    const { mallory } = all;
    const pathSecret = { pathSecret: new Uint8Array(32).fill(1) };
    await expectWelcomeRefused(all, { secrets: (s) => ({ ...s, pathSecret }) }, V, "rfc106");
    // with a real path: the secret of the right node joins, that of the node above does not
    for (const [at, works] of [
      ["own", true],
      ["above", false],
    ] as const) {
      const dave = await newcomer("dave");
      const { fields } = await keyPackageOf(dave);
      const state = await insideOf(mallory);
      const { groupId } = state.epoch.groupContext;
      let found = new Uint8Array();
      const { message } = await forgeWelcome(state, mallory.signer, [fields], {
        tree: async (tree) => {
          const prepared = await preparePath(state.env.suite, tree, 3, async (encryptionKey, parentHash) => {
            const { signatureKey, credential, capabilities, extensions } = mallory.group.ownLeafNode;
            return forgeLeaf(
              mallory.signer,
              {
                encryptionKey,
                signatureKey,
                credential,
                capabilities,
                extensions,
                leafNodeSource: LeafNodeSource.commit,
                parentHash,
              },
              { groupId, leafIndex: 3 },
            );
          });
          const right = prepared.pathSecretFor(4)!.expose();
          found = Uint8Array.from(at === "own" ? right : prepared.pathSecrets[0]!.expose());
        },
        secrets: (s) => ({ ...s, pathSecret: { pathSecret: found } }),
      });
      const joining = StagedWelcome.fromWelcome(dave.provider, message);
      await (works
        ? expect(joining).resolves.toBeDefined()
        : expect(joining).rejects.toThrow(mlsError(V, "rfc106")));
    }
  });

  it("valn1403: the id of a group that this client is in; the own one, or another of the same id", async () => {
    const all = await world();
    const { bob, mallory, alice } = all;
    const before = recordsOf(bob);
    const exists = mlsError("ERR_MLS_GROUP_EXISTS", "valn1403");
    const { fields } = await keyPackageOf(bob);
    const withKeys = recordsOf(bob);
    const { message } = await forgeWelcome(await insideOf(mallory), mallory.signer, [fields]);
    await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(exists);
    const stranger = await newcomer("stranger");
    const twin = await MlsGroup.builder()
      .groupId(bob.group.groupId)
      .build(stranger.provider, stranger.signer, stranger.credentialWithKey);
    await twin.addMembers(stranger.signer, [
      await KeyPackage.builder().build(1, bob.provider, bob.signer, bob.credentialWithKey),
    ]);
    const { welcome } = await twin.mergePendingCommit();
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome!)).rejects.toThrow(exists);
    const external = MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
    });
    await expect(external).rejects.toThrow(exists);
    expect(withKeys.length).toBeGreaterThan(before.length);
    expect(bob.group.epoch).toBe(1n);
  });

  it("rfc71 trap56: a KeyPackage serves once, unless it is a last resort", async () => {
    const { mallory } = await world();
    for (const lastResort of [false, true]) {
      const dave = await newcomer("dave");
      const builder = lastResort ? KeyPackage.builder().markAsLastResort() : KeyPackage.builder();
      const { fields } = await builder.build(1, dave.provider, dave.signer, dave.credentialWithKey);
      const state = await insideOf(mallory);
      const first = await forgeWelcome(state, mallory.signer, [fields]);
      const second = await forgeWelcome(state, mallory.signer, [fields]);
      const group = await joinFrom(dave, first.message);
      await group.delete();
      const again = StagedWelcome.fromWelcome(dave.provider, second.message);
      await (lastResort
        ? expect(again).resolves.toBeDefined()
        : expect(again).rejects.toThrow(mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103")));
    }
  });

  it("rfc71: of two staged joins with one KeyPackage only one is carried out", async () => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    const group = await createGroup(mallory);
    await group.addMembers(mallory.signer, [await keyPackageOf(dave)]);
    const { welcome } = await group.mergePendingCommit();
    const both = await Promise.all(
      [1, 2].map(async () => StagedWelcome.fromWelcome(dave.provider, welcome!)),
    );
    await both[0]!.intoGroup();
    await expect(both[1]!.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS", "valn1403"));
    await group.delete();
  });

  it("trap25: a Welcome's GroupInfo has no external_pub unless asked for", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    const { welcome, groupInfo } = await alice.group.mergePendingCommit();
    expect(groupInfo).toBeUndefined();
    const message = decodeMlsMessage(welcome!);
    if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
    const [entry] = message.welcome.secrets;
    const keys = await loadKeyPackage(dave.storage, entry!.newMember);
    const { suite } = (await insideOf(alice)).env;
    const opened = await decryptWithLabel(
      suite,
      keys!.initPrivateKey,
      "Welcome",
      message.welcome.encryptedGroupInfo,
      entry!.encryptedGroupSecrets,
    );
    expect(decode(groupSecrets, opened).psks).toHaveLength(0);
    await joinFrom(dave, welcome);
    const external = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer, { externalPub: false }),
      credentialWithKey: dave.credentialWithKey,
    }).catch((error: unknown) => error);
    expect(external).toMatchObject({ code: "ERR_MLS_VALIDATION", rule: "rfc108" });
  });

  it("rfc98: a Welcome with one entry dropped; the others still join", async () => {
    const { alice } = await newWorld();
    const clients = await Promise.all(["d", "e", "f"].map(async (name) => newcomer(name)));
    await alice.group.addMembers(alice.signer, await Promise.all(clients.map(keyPackageOf)));
    const { welcome } = await alice.group.mergePendingCommit();
    const message = decodeMlsMessage(welcome!);
    if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
    const less = { ...message.welcome, secrets: message.welcome.secrets.slice(1) };
    const bytes = encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome: less });
    await expect(StagedWelcome.fromWelcome(clients[0]!.provider, bytes)).rejects.toThrow(
      mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103"),
    );
    for (const joiner of clients.slice(1)) {
      expect((await joinFrom(joiner, bytes)).epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    }
  });
});

describe("PSKs of a Welcome (RFC 9420 §8.4)", () => {
  const world = sharedWorld();
  const external = (id: string, length = 32): PreSharedKeyId => ({
    pskType: PskType.external,
    pskId: utf8(id),
    pskNonce: new Uint8Array(length).fill(1),
  });
  const link = (usage: ResumptionPskUsage, groupId: Uint8Array, pskEpoch = 1n): PreSharedKeyId => ({
    pskType: PskType.resumption,
    usage,
    pskGroupId: groupId,
    pskEpoch,
    pskNonce: new Uint8Array(32).fill(2),
  });
  const holding = async (...ids: string[]): Promise<Client> => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    for (const id of ids) {
      await storeExternalPsk(dave.storage, utf8(id), utf8(`secret ${id}`));
      await storeExternalPsk(mallory.storage, utf8(id), utf8(`secret ${id}`));
    }
    return dave;
  };

  it("valn1401: one that is not held is named", async () => {
    const all = await world();
    const { mallory } = all;
    await storeExternalPsk(mallory.storage, utf8("x"), utf8("secret"));
    await expectWelcomeRefused(all, { psks: [external("x")] }, "ERR_MLS_MISSING_PSK", "valn1205");
  });

  it("valn1401: two that link groups", async () => {
    const all = await world();
    const { groupId } = all.mallory.group;
    for (const usages of [
      [ResumptionPskUsage.reinit, ResumptionPskUsage.branch],
      [ResumptionPskUsage.branch, ResumptionPskUsage.branch],
    ] as const) {
      const psks = usages.map((usage, i) => link(usage, groupId, BigInt(i)));
      await expectWelcomeRefused(all, { secrets: (s) => ({ ...s, psks }) }, V, "valn1401");
    }
  });

  it.each([0, 31, 33])("valn0803: psk_nonce of %i bytes", async (length) => {
    const all = await world();
    const dave = await holding("x");
    await expectWelcomeRefused(all, { psks: [external("x", length)] }, V, "valn0803", { dave });
  });

  it("rfc58: swapped, one missing, one too many, another value", async () => {
    const all = await world();
    const [a, b, c] = ["a", "b", "c"].map((id) => external(id));
    const lists = [[b, a], [a], [a, b, c], [a, a]];
    for (const list of lists) {
      const dave = await holding("a", "b", "c");
      const forged: ForgedWelcome = {
        psks: [a!, b!],
        secrets: (s) => ({ ...s, psks: list.map((id) => id!) }),
      };
      await expectWelcomeRefused(all, forged, "ERR_MLS_DECRYPTION", undefined, { dave });
    }
    const dave = await holding("a");
    await storeExternalPsk(dave.storage, utf8("a"), utf8("another value"));
    await expectWelcomeRefused(all, { psks: [a!] }, "ERR_MLS_DECRYPTION", undefined, { dave });
  });

  it("rfc79 valn1412 valn1413 valn1414: links to groups that do not lead here", async () => {
    const { alice, bob } = await newWorld();
    // Bob knows the old group; Alice makes up one that claims to continue it.
    const invite = async (
      usage: ResumptionPskUsage,
      change: (commits: MlsGroup) => Promise<unknown>,
      epoch = 1n,
    ): Promise<Uint8Array> => {
      const group = await createGroup(alice);
      await change(group);
      const { fields } = await keyPackageOf(bob);
      const state = await insideOf({ ...alice, group });
      const { message } = await forgeWelcome(state, alice.signer, [fields], {
        psks: [link(usage, bob.group.groupId, epoch)],
      });
      await group.delete();
      return message;
    };
    const nothing = async (): Promise<undefined> => Promise.resolve(undefined);
    const oneMore = async (group: MlsGroup): Promise<void> => {
      await group.selfUpdate(alice.signer);
      await group.mergePendingCommit();
    };
    const before = bob.group.epoch;
    const { reinit, branch } = ResumptionPskUsage;
    for (const [message, rule] of [
      [await invite(reinit, nothing), "valn1413"], // no ReInit was committed
      [await invite(reinit, oneMore), "valn1412"],
      [await invite(branch, oneMore), "valn1412"],
    ] as const) {
      await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(mlsError(V, rule));
    }
    // Control: the branching member plus one other passes.
    const good = await invite(branch, nothing);
    await expect(StagedWelcome.fromWelcome(bob.provider, good)).resolves.toBeDefined();
    expect(bob.group.epoch).toBe(before);
  });

  it("valn1414: a branch with a stranger, or of another cipher suite", async () => {
    const { alice, bob } = await newWorld();
    const stranger = await newcomer("stranger");
    const psks = [link(ResumptionPskUsage.branch, bob.group.groupId)];
    const group = await createGroup(alice);
    const keyPackages = [(await keyPackageOf(bob)).fields, (await keyPackageOf(stranger)).fields];
    const state = await insideOf({ ...alice, group });
    const { message } = await forgeWelcome(state, alice.signer, keyPackages, { psks });
    await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(mlsError(V, "valn1414"));

    const inSuite3 = async (client: Client): Promise<Client> => {
      const signer = await SignatureKeyPair.generate(await client.provider.crypto.cipherSuite(3));
      const credentialWithKey = { ...client.credentialWithKey, signatureKey: signer.publicKey };
      return { ...client, signer, suite: 3, credentialWithKey };
    };
    const [alice3, bob3] = [await inSuite3(alice), await inSuite3(bob)];
    const other = await createGroup(alice3);
    const inside = await insideOf({ ...alice3, group: other });
    const welcome = await forgeWelcome(inside, alice3.signer, [(await keyPackageOf(bob3)).fields], { psks });
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome.message)).rejects.toThrow(
      mlsError(V, "valn1414"),
    );
  });

  it("valn1413: a reinitialised group that differs from what was announced, or lacks a member", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const groupId = utf8("the next group");
    await alice.group
      .commitBuilder()
      .propose({ proposalType: 5, groupId, version: 1, cipherSuite: 1, extensions: [] })
      .build(alice.signer);
    await follow(bob.group, alice.group.pendingCommitMessage!);
    await alice.group.mergePendingCommit();
    const psk = link(ResumptionPskUsage.reinit, bob.group.groupId, 2n);
    const others = [bob, all.charlie, all.mallory];
    const invite = async (choose: {
      id?: Uint8Array;
      without?: number;
      psk?: PreSharedKeyId;
      suite?: number;
    }): Promise<unknown> => {
      const group = await MlsGroup.builder()
        .groupId(choose.id ?? groupId)
        .build(alice.provider, alice.signer, alice.credentialWithKey);
      const packages = await Promise.all(
        others.filter((_, i) => i !== choose.without).map(async (who) => (await keyPackageOf(who)).fields),
      );
      const state = await insideOf({ ...alice, group });
      const { message } = await forgeWelcome(state, alice.signer, packages, { psks: [choose.psk ?? psk] });
      await group.delete();
      return StagedWelcome.fromWelcome(bob.provider, message);
    };
    const refused = mlsError(V, "valn1413");
    await expect(invite({ id: utf8("another id") })).rejects.toThrow(refused);
    await expect(invite({ without: 2 })).rejects.toThrow(refused);
    // of the epoch before the ReInit
    const early = link(ResumptionPskUsage.reinit, bob.group.groupId, 1n);
    await expect(invite({ psk: early })).rejects.toThrow(refused);
    await expect(invite({})).resolves.toBeDefined();
  });
});
