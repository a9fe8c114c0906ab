import { bytesToHex, type CipherSuite, hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode } from "../codec/index.ts";
import { encodeGroupContext, type GroupContext, updatePath } from "../wire/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import { privateKey, signerOf, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import { signLeaf } from "../tree/leaf-validation.ts";
import { verifyParentHashes } from "../tree/parent-hash.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { ratchetTree } from "../wire/index.ts";
import { isInSubtree } from "../tree/tree-math.ts";
import { checkTreeStructure } from "../tree/tree-validation.ts";
import { mergePath, openPath, openPathSecret } from "./apply-path.ts";
import { preparePath, sealPath } from "./create-path.ts";
import { nextPathSecret, nodeKeyPair } from "./path-secret.ts";
import { PrivateTree } from "./private-tree.ts";
import { expectKeyPair } from "./testing/tree-group.ts";

interface LeafPrivate {
  readonly index: number;
  readonly encryption_priv: string;
  readonly signature_priv: string;
  readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
}

interface TreeKem {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly LeafPrivate[];
  readonly update_paths: readonly {
    readonly sender: number;
    readonly update_path: string;
    readonly path_secrets: readonly (string | null)[];
    readonly commit_secret: string;
    readonly tree_hash_after: string;
  }[];
}

interface PathSecrets {
  readonly cipher_suite: number;
  readonly generations: readonly string[];
}

const NOBODY: ReadonlySet<number> = new Set();

async function privateTreeOf(suite: CipherSuite, tree: RatchetTree, leaf: LeafPrivate): Promise<PrivateTree> {
  const key = privateKey(leaf.encryption_priv, suite.params.kem.privateKeyLength);
  const privateTree = PrivateTree.create(leaf.index, key);
  for (const { node, path_secret: pathSecret } of leaf.path_secrets) {
    privateTree.set(node, (await nodeKeyPair(suite, hexToBytes(pathSecret))).privateKey);
  }
  for (const [node, secret] of privateTree.entries()) {
    await expectKeyPair(suite, secret.expose(), tree.encryptionKey(node)!);
  }
  return privateTree;
}

function contextOf(vector: TreeKem, tree: RatchetTree): Uint8Array {
  const context: GroupContext = {
    version: ProtocolVersion.mls10,
    cipherSuite: vector.cipher_suite,
    groupId: hexToBytes(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash: tree.treeHash(),
    confirmedTranscriptHash: hexToBytes(vector.confirmed_transcript_hash),
    extensions: [],
  };
  return encodeGroupContext(context);
}

async function checkVector(vector: TreeKem): Promise<void> {
  const suite = await suiteOf(vector.cipher_suite);
  const nodes = decode(ratchetTree, hexToBytes(vector.ratchet_tree));
  const tree = RatchetTree.fromNodes(suite, nodes, 1024);
  checkTreeStructure(tree);
  verifyParentHashes(tree);
  const privateTrees = await Promise.all(
    vector.leaves_private.map(async (leaf) => privateTreeOf(suite, tree, leaf)),
  );
  for (const sent of vector.update_paths) {
    const path = decode(updatePath, hexToBytes(sent.update_path));
    const merged = tree.fork();
    await mergePath(suite, merged, sent.sender, path, NOBODY);
    expect(bytesToHex(merged.treeHash())).toBe(sent.tree_hash_after);
    const context = contextOf(vector, merged);
    for (const privateTree of privateTrees.filter(({ leafIndex }) => leafIndex !== sent.sender)) {
      const steps = merged.filteredDirectPath(sent.sender);
      const first = steps.findIndex(({ copath }) => isInSubtree(copath, privateTree.leafIndex));
      const resolution = merged.resolution(steps[first]!.copath);
      const sealed = path.nodes[first]!.encryptedPathSecret;
      const pathSecret = await openPathSecret(suite, privateTree, resolution, sealed, context);
      expect(bytesToHex(pathSecret)).toBe(sent.path_secrets[privateTree.leafIndex]);
      const opened = await openPath(suite, merged, privateTree.fork(), sent.sender, path, context, NOBODY);
      expect(bytesToHex(opened.commitSecret.expose())).toBe(sent.commit_secret);
    }
    await checkOwnPath(vector, suite, tree.fork(), privateTrees, sent.sender);
  }
}

/** A path that we make ourselves reaches all members of the vector. */
async function checkOwnPath(
  vector: TreeKem,
  suite: CipherSuite,
  tree: RatchetTree,
  privateTrees: readonly PrivateTree[],
  sender: number,
): Promise<void> {
  const leaf = tree.leaf(sender)!;
  const secrets = vector.leaves_private.find(({ index }) => index === sender)!;
  const key = privateKey(secrets.signature_priv, suite.params.signature.privateKeyLength);
  const signer = signerOf(suite, key, leaf.signatureKey);
  const receiving = tree.fork();
  const position = { groupId: hexToBytes(vector.group_id), leafIndex: sender };
  const prepared = await preparePath(suite, tree, sender, async (encryptionKey, parentHash) => {
    const { signatureKey, credential, capabilities, extensions } = leaf;
    const origin = { leafNodeSource: LeafNodeSource.commit, parentHash } as const;
    const unsigned = { encryptionKey, signatureKey, credential, capabilities, extensions, ...origin };
    return signLeaf(suite, signer, unsigned, position);
  });
  const context = contextOf(vector, tree);
  const path = await sealPath(suite, tree, prepared, context, NOBODY);
  await mergePath(suite, receiving, sender, path, NOBODY);
  expect(bytesToHex(receiving.treeHash())).toBe(bytesToHex(tree.treeHash()));
  for (const privateTree of privateTrees.filter(({ leafIndex }) => leafIndex !== sender)) {
    const opened = await openPath(suite, receiving, privateTree.fork(), sender, path, context, NOBODY);
    expect(bytesToHex(opened.commitSecret.expose())).toBe(bytesToHex(prepared.commitSecret.expose()));
  }
}

describe("TreeKEM", () => {
  // Every second case meets all suites.
  itPasses(["mls/treekem.json"], checkVector, process.env["CI"] === undefined ? 2 : 1);

  itPasses(["extra/mls-rs-path_secret.json"], async (vector: PathSecrets) => {
    const suite = await suiteOf(vector.cipher_suite);
    const derived = vector.generations
      .slice(0, -1)
      .map((secret) => nextPathSecret(suite, hexToBytes(secret)));
    expect(derived.map(bytesToHex)).toEqual(vector.generations.slice(1));
  });

  it("shows no private key to whoever prints it", () => {
    const privateTree = PrivateTree.create(0, new Uint8Array(32).fill(0xab));
    expect(JSON.stringify(privateTree)).not.toContain("171");
    expect(JSON.stringify(privateTree.key(0))).toBe('"[Secret]"');
  });
});
