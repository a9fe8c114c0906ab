import { type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encode } from "../codec/index.ts";
import {
  basicCredential,
  externalPubExtension,
  externalSendersExtension,
  type LeafNode,
  type Node,
  type ParentNode,
  requiredCapabilitiesExtension,
  type UnsignedLeafNode,
} from "../wire/index.ts";
import { MlsGroup, StagedWelcome } from "../index.ts";
import { LeafNodeSource, NodeType } from "../registry.ts";
import { ratchetTree } from "../wire/index.ts";
import { ext } from "../testing/proposals.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeLeaf, freshKey, type KeyPackageDefects } from "../testing/forge.ts";
import { type ForgedGroupInfo, forgeWelcome } from "../testing/forge-welcome.ts";
import { expectGroupInfoRefused, expectWelcomeRefused } from "../testing/refused-joins.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, Judge, newcomer, newWorld, sharedWorld, type World } from "../testing/world.ts";

const V = "ERR_MLS_VALIDATION";

const SIG = "ERR_MLS_INVALID_SIGNATURE";

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

  it("rfc36 valn1408: unmerged_leaves out of order or with repeats", async () => {
    const { alice } = await world();
    const { tree } = (await insideOf(alice)).epoch;
    const edited = atParent((parent) => ({ ...parent, unmergedLeaves: [1, 3] }), 3)(tree.exportNodes());
    const bytes = encode(ratchetTree, edited);
    const at = Buffer.from(bytes).indexOf(Buffer.from([0, 0, 0, 1, 0, 0, 0, 3]));
    expect(at).toBeGreaterThan(0);
    const dave = await newcomer("dave");
    const groupInfo = await alice.group.exportGroupInfo(alice.signer, { ratchetTree: false });
    for (const [first, second] of [
      [3, 1],
      [1, 1],
    ] as const) {
      bytes[at + 3] = first;
      bytes[at + 7] = second;
      await expect(
        MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
          groupInfo,
          ratchetTree: bytes,
          credentialWithKey: dave.credentialWithKey,
        }),
      ).rejects.toThrow(mlsError("ERR_MLS_DECODE", "rfc36"));
    }
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
