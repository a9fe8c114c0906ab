import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { encryptContext, type HpkeCiphertext } from "../labels/index.ts";
import { ProposalType } from "../registry.ts";
import { follow } from "../testing/client.ts";
import { forgeKeyPackage, freshKey } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { type CommitCase, expectCommitRefused } from "../testing/refused-commits.ts";
import { expectRefused, insideOf, newcomer, newWorld, sharedWorld } from "../testing/world.ts";
import { altered } from "../testing/suites.ts";

const world = sharedWorld();

const V = "ERR_MLS_VALIDATION";

describe("the nodes of a path (RFC 9420 §7.6)", () => {
  const cases: readonly CommitCase[] = [
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
