import { type CipherSuite, Secret } from "@openmls-ts/traits";
import { encryptContext } from "../labels/index.ts";
import { Scratch } from "../scratch.ts";
import { inBatches } from "../batches.ts";
import type { Watch } from "../work.ts";
import { type LeafNode, type UpdatePath, type UpdatePathNode } from "../wire/index.ts";
import { parentHashesForPath } from "../tree/parent-hash.ts";
import type { PathStep, RatchetTree } from "../tree/ratchet-tree.ts";
import { commonAncestor, directPath, leafToNode } from "../tree/tree-math.ts";
import { type DerivedPath, derivePath } from "./path-secret.ts";
import type { PrivateTree } from "./private-tree.ts";

/** The label of path secrets under HPKE (RFC 9420 §7.6). */
export const UPDATE_PATH_LABEL = "UpdatePathNode";

interface PathKeys {
  readonly leafPrivateKey: Uint8Array;
  readonly path: DerivedPath;
}

/** A path whose public half is in the tree, and whose secrets wait to be encrypted and installed. */
export class PreparedPath {
  readonly leafIndex: number;
  /** The committer's new, signed leaf. */
  readonly leafNode: LeafNode;
  /** The filtered direct path. */
  readonly steps: readonly PathStep[];
  /** Public keys in the order of `steps`. */
  readonly publicKeys: readonly Uint8Array[];
  /** Input of the key schedule (RFC 9420 §12.4.1); Nh bytes. */
  readonly commitSecret: Secret;
  /** One a step, in the same order; Nh bytes each. */
  readonly pathSecrets: readonly Secret[];
  readonly #directPath: readonly number[];
  readonly #privateKeys: readonly Secret[];
  readonly #leafPrivateKey: Secret;

  constructor(
    tree: RatchetTree,
    leafIndex: number,
    leafNode: LeafNode,
    steps: readonly PathStep[],
    keys: PathKeys,
  ) {
    const { leafPrivateKey, path } = keys;
    this.leafIndex = leafIndex;
    this.leafNode = leafNode;
    this.steps = steps;
    this.publicKeys = path.keyPairs.map(({ publicKey }) => publicKey);
    this.commitSecret = new Secret(path.commitSecret);
    this.pathSecrets = path.pathSecrets.map((secret) => new Secret(secret));
    this.#directPath = directPath(leafIndex, tree.leafCount);
    this.#privateKeys = path.keyPairs.map(({ privateKey }) => new Secret(privateKey));
    this.#leafPrivateKey = new Secret(leafPrivateKey);
  }

  /**
   * The path secret of the lowest node above both the committer and another leaf, for a Welcome (RFC 9420 §12.4.1).
   * @returns a box that stays with this object, or `undefined` if that node is not part of the path
   */
  pathSecretFor(leafIndex: number): Secret | undefined {
    const ancestor = commonAncestor(this.leafIndex, leafIndex);
    const at = this.steps.findIndex(({ node }) => node === ancestor);
    return this.pathSecrets[at];
  }

  /** Puts the new private keys into the committer's private tree, and removes the old ones of the path. */
  installKeys(privateTree: PrivateTree): void {
    for (const node of this.#directPath) {
      privateTree.delete(node); // RFC 9420 §7.5
    }
    for (const [at, { node }] of this.steps.entries()) {
      privateTree.set(node, this.#privateKeys[at]!.expose().slice());
    }
    privateTree.set(leafToNode(this.leafIndex), this.#leafPrivateKey.expose().slice());
  }

  /** Wipes all secrets, the commit secret included. Harmless when repeated. */
  wipe(): void {
    for (const secret of [
      this.commitSecret,
      this.#leafPrivateKey,
      ...this.pathSecrets,
      ...this.#privateKeys,
    ]) {
      secret.wipe();
    }
  }
}

/**
 * First half of making a path (RFC 9420 §7.5): fresh keys for a leaf and its filtered direct path, parent hashes, and
 * the new leaf, all put into the tree, which should be a fork with the proposals applied.
 * @param leafIndex the committer's leaf; for an external commit the leftmost blank one, even just outside of the tree
 * @param makeLeaf makes and signs the leaf, of source commit, with the given key and parent hash
 */
export async function preparePath(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  makeLeaf: (encryptionKey: Uint8Array, parentHash: Uint8Array) => Promise<LeafNode>,
): Promise<PreparedPath> {
  tree.reserveLeaf(leafIndex);
  const steps = tree.filteredDirectPath(leafIndex);
  const { hashLength } = suite.params.kdf;
  return Scratch.run(async (scratch) => {
    const seedLength = Math.max(hashLength, suite.params.kem.privateKeyLength);
    const leafKeys = await suite.deriveKeyPair(scratch.temporary(suite.randomBytes(seedLength)));
    scratch.result(leafKeys.privateKey);
    const path = scratch.result(await derivePath(suite, suite.randomBytes(hashLength), steps.length));
    const publicKeys = path.keyPairs.map(({ publicKey }) => publicKey);
    const { parents, leafParentHash } = parentHashesForPath(tree, steps, publicKeys);
    const leafNode = await makeLeaf(leafKeys.publicKey, leafParentHash);
    tree.setPath(leafIndex, leafNode, new Map(steps.map(({ node }, at) => [node, parents[at]!])));
    return new PreparedPath(tree, leafIndex, leafNode, steps, { leafPrivateKey: leafKeys.privateKey, path });
  });
}

/**
 * Second half: each path secret encrypted to the resolution of the copath node beside it (RFC 9420 §7.5, 7.6).
 * @param groupContext encoded provisional GroupContext, with the hash of the tree that {@link preparePath} left
 * @param newLeaves leaf indices added by the same commit, to whom nothing is encrypted
 */
export async function sealPath(
  suite: CipherSuite,
  tree: RatchetTree,
  prepared: PreparedPath,
  groupContext: Uint8Array,
  newLeaves: ReadonlySet<number>,
  watch?: Watch,
): Promise<UpdatePath> {
  const encrypt = encryptContext(suite, UPDATE_PATH_LABEL, groupContext);
  const nodes: UpdatePathNode[] = [];
  const resolutions = prepared.steps.map(({ copath }) => tree.resolution(copath, newLeaves));
  const total = resolutions.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  for (const [at, recipients] of resolutions.entries()) {
    const pathSecret = prepared.pathSecrets[at]!.expose();
    const before = done;
    const encryptedPathSecret = await inBatches(
      recipients,
      async (node) => encrypt(tree.encryptionKey(node)!, pathSecret),
      watch === undefined ? undefined : (task, part) => watch(task, before + part, total),
      "path",
    );
    done += recipients.length;
    nodes.push({ encryptionKey: prepared.publicKeys[at]!, encryptedPathSecret });
  }
  return { leafNode: prepared.leafNode, nodes };
}
