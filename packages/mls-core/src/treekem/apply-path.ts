import { bytesToKey, type CipherSuite, equalBytes, MlsError, Secret, violation } from "@openmls-ts/traits";
import { decryptWithLabel, type HpkeCiphertext } from "../labels/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { parentHashesForPath } from "../tree/parent-hash.ts";
import type { PathStep, RatchetTree } from "../tree/ratchet-tree.ts";
import { isInSubtree, isLeaf, leafToNode } from "../tree/tree-math.ts";
import { UPDATE_PATH_LABEL } from "./create-path.ts";
import { installPath } from "./install-path.ts";
import type { PrivateTree } from "./private-tree.ts";
import { type UpdatePath } from "../wire/index.ts";

/**
 * Puts the public half of a received path into the tree, a fork with the proposals applied (RFC 9420 §7.5). Rules
 * about the leaf itself are `validateLeaf`'s.
 * @param committerLeaf for an external commit the leftmost blank leaf, even just outside of the tree
 * @param newLeaves leaf indices added by the same commit
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn0110, valn0111, valn0112, valn1101, valn1208, valn1209, rfc08, rfc44,
 *   rfc52, rfc54; the tree is then to be thrown away
 */
export async function mergePath(
  suite: CipherSuite,
  tree: RatchetTree,
  committerLeaf: number,
  path: UpdatePath,
  newLeaves: ReadonlySet<number>,
): Promise<void> {
  tree.reserveLeaf(committerLeaf);
  const steps = tree.filteredDirectPath(committerLeaf);
  const { leafNode, nodes } = path;
  if (nodes.length !== steps.length) {
    throw violation("rfc44", `a path of ${nodes.length} nodes in the place of ${steps.length}`); // RFC 9420 §7.6
  }
  checkCiphertextCounts(tree, steps, path, newLeaves);
  checkFreshKeys(tree, committerLeaf, path);
  const keys = nodes.map(({ encryptionKey }) => encryptionKey);
  const valid = await Promise.all(
    [...keys, leafNode.encryptionKey].map(async (key) => suite.isValidHpkePublicKey(key)),
  );
  if (valid.includes(false)) {
    throw violation("rfc08", "a key is not one of the cipher suite"); // RFC 9420 §5.1.1
  }
  const { parents, leafParentHash } = parentHashesForPath(tree, steps, keys);
  if (leafNode.leafNodeSource !== LeafNodeSource.commit) {
    throw violation("valn0110", "a leaf of another source"); // RFC 9420 §7.3
  }
  if (!equalBytes(leafNode.parentHash, leafParentHash)) {
    throw violation("rfc52", "the leaf of the path has a wrong parent hash"); // RFC 9420 §7.9.2
  }
  tree.setPath(committerLeaf, leafNode, new Map(steps.map(({ node }, at) => [node, parents[at]!])));
}

// RFC 9420 §7.6
function checkCiphertextCounts(
  tree: RatchetTree,
  steps: readonly PathStep[],
  path: UpdatePath,
  newLeaves: ReadonlySet<number>,
): void {
  for (const [at, { copath }] of steps.entries()) {
    if (path.nodes[at]!.encryptedPathSecret.length !== tree.resolution(copath, newLeaves).length) {
      throw violation("valn1101", `node ${at} of the path has a wrong number of ciphertexts`);
    }
  }
}

// RFC 9420 §7.3, 12.4.2, 16.7
function checkFreshKeys(tree: RatchetTree, committerLeaf: number, { leafNode, nodes }: UpdatePath): void {
  const holder = tree.nodeByEncryptionKey(leafNode.encryptionKey);
  if (holder === leafToNode(committerLeaf)) {
    throw violation("valn1208", "the committer keeps its encryption key");
  }
  if (holder !== undefined) {
    throw violation(isLeaf(holder) ? "valn0112" : "valn1209", "the encryption key is in the tree already");
  }
  const signer = tree.leafBySignatureKey(leafNode.signatureKey);
  if (signer !== undefined && signer !== committerLeaf) {
    throw violation("valn0111", "the signature key belongs to another member");
  }
  const seen = new Set([bytesToKey(leafNode.encryptionKey)]);
  for (const { encryptionKey } of nodes) {
    if (tree.nodeByEncryptionKey(encryptionKey) !== undefined || seen.has(bytesToKey(encryptionKey))) {
      throw violation("valn1209", "a public key of the path is not new");
    }
    seen.add(bytesToKey(encryptionKey));
  }
  if (
    seen.has(bytesToKey(leafNode.signatureKey)) ||
    tree.nodeByEncryptionKey(leafNode.signatureKey) !== undefined ||
    [leafNode, ...nodes].some(({ encryptionKey }) => tree.leafBySignatureKey(encryptionKey) !== undefined)
  ) {
    throw violation("rfc54", "a key has another purpose in the tree");
  }
}

/** What a path gives to a member that it reaches. */
export interface OpenedPath {
  /** Input of the key schedule (RFC 9420 §12.4.2); Nh bytes. */
  readonly commitSecret: Secret;
}

/**
 * Decrypts the path secret that is meant for a member, and puts the private keys that follow from it into the
 * member's private tree, a fork (RFC 9420 §7.5).
 * @param tree as {@link mergePath} left it
 * @param groupContext encoded provisional GroupContext
 * @throws MlsError `ERR_MLS_DECRYPTION`, `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO`, `ERR_MLS_VALIDATION` rule rfc46 when
 *   the keys do not match the path, `ERR_MLS_USAGE` for a member that the path cannot reach
 */
export async function openPath(
  suite: CipherSuite,
  tree: RatchetTree,
  privateTree: PrivateTree,
  committerLeaf: number,
  path: UpdatePath,
  groupContext: Uint8Array,
  newLeaves: ReadonlySet<number>,
): Promise<OpenedPath> {
  const steps = tree.filteredDirectPath(committerLeaf);
  const first = steps.findIndex(({ copath }) => isInSubtree(copath, privateTree.leafIndex));
  if (first < 0) {
    throw unreachable();
  }
  const resolution = tree.resolution(steps[first]!.copath, newLeaves);
  const sealed = path.nodes[first]?.encryptedPathSecret ?? [];
  const pathSecret = await openPathSecret(suite, privateTree, resolution, sealed, groupContext);
  const nodes = steps.slice(first).map(({ node }) => node);
  const commitSecret = await installPath(suite, tree, privateTree, { nodes, pathSecret, rule: "rfc46" });
  privateTree.prune(tree); // what the commit blanked is gone for good
  return { commitSecret: new Secret(commitSecret) };
}

/**
 * Decrypts a path secret with the one key of a resolution that a member has. The ciphertext is found by its position
 * in the resolution, from which the leaves added by the commit are struck (RFC 9420 §7.5, 7.6).
 */
export async function openPathSecret(
  suite: CipherSuite,
  privateTree: PrivateTree,
  resolution: readonly number[],
  sealed: readonly HpkeCiphertext[],
  groupContext: Uint8Array,
): Promise<Uint8Array> {
  const position = resolution.findIndex((node) => privateTree.key(node) !== undefined);
  const privateKey = privateTree.key(resolution[position] ?? -1);
  const ciphertext = sealed[position];
  if (privateKey === undefined || ciphertext === undefined) {
    throw unreachable();
  }
  return decryptWithLabel(suite, privateKey.expose(), UPDATE_PATH_LABEL, groupContext, ciphertext);
}

function unreachable(): MlsError {
  return new MlsError("ERR_MLS_USAGE", "the path holds nothing for this member");
}
