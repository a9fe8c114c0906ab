import { type CipherSuite, equalBytes, violation } from "@openmls-ts/traits";
import { type Codec, encode, opaque, struct } from "../codec/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { type ParentNode } from "../wire/index.ts";
import type { PathStep, RatchetTree } from "./ratchet-tree.ts";
import { within } from "./sorted.ts";
import { leafTreeHash, parentTreeHash } from "./tree-hash.ts";
import { isLeaf, leafRange, leafToNode, left, nodeToLeaf, nodeWidth, right } from "./tree-math.ts";

interface ParentHashInput {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly originalSiblingTreeHash: Uint8Array;
}

//   struct {
//       HPKEPublicKey encryption_key;
//       opaque parent_hash<V>;
//       opaque original_sibling_tree_hash<V>;
//   } ParentHashInput;
const parentHashInput: Codec<ParentHashInput> = struct<ParentHashInput>({
  encryptionKey: opaque,
  parentHash: opaque,
  originalSiblingTreeHash: opaque,
});

function parentHash(
  suite: CipherSuite,
  encryptionKey: Uint8Array,
  above: Uint8Array,
  originalSiblingTreeHash: Uint8Array,
): Uint8Array {
  return suite.hash(encode(parentHashInput, { encryptionKey, parentHash: above, originalSiblingTreeHash }));
}

/** New parents of a path with their parent hashes, and the one that goes into the leaf. */
export interface PathParents {
  /** In the order of the filtered direct path. */
  readonly parents: readonly ParentNode[];
  /** Nh bytes; empty when the path is. */
  readonly leafParentHash: Uint8Array;
}

/**
 * Parent hashes of a path with new keys, from the root down to the leaf (RFC 9420 §7.5, 7.9). The tree is the one
 * after the proposals; whether it holds the path already makes no difference, as only copath nodes are hashed.
 */
export function parentHashesForPath(
  tree: RatchetTree,
  path: readonly PathStep[],
  encryptionKeys: readonly Uint8Array[],
): PathParents {
  const parents: ParentNode[] = [];
  let above: Uint8Array = new Uint8Array(); // RFC 9420 §7.9: nothing above the topmost
  for (const [at, { copath }] of [...path.entries()].reverse()) {
    const encryptionKey = encryptionKeys[at]!;
    parents.unshift({ encryptionKey, parentHash: above, unmergedLeaves: [] });
    // A fresh parent has no unmerged leaves, so the sibling's original tree is the present one.
    above = parentHash(tree.suite, encryptionKey, above, tree.treeHashOf(copath));
  }
  return { parents, leafParentHash: above };
}

// Subtree hashes computed without some leaves, by node: of use again while the same leaves are missing.
type Recomputed = Map<number, { readonly missing: readonly number[]; readonly hash: Uint8Array }>;

/**
 * Tree hash of a subtree in which some leaves are blanked and struck from every unmerged_leaves (RFC 9420 §7.9).
 * @param missing strictly increasing leaf indices, all of them below the node
 */
function treeHashWithout(
  tree: RatchetTree,
  node: number,
  missing: readonly number[],
  known: Recomputed,
): Uint8Array {
  if (missing.length === 0) {
    return tree.treeHashOf(node);
  }
  if (isLeaf(node)) {
    return leafTreeHash(tree.suite, nodeToLeaf(node), undefined);
  }
  const earlier = known.get(node);
  if (
    earlier !== undefined &&
    earlier.missing.length === missing.length &&
    earlier.missing.every((leaf, at) => leaf === missing[at])
  ) {
    return earlier.hash;
  }
  const content = tree.parentNode(node);
  const struck = new Set(missing);
  const hash = parentTreeHash(
    tree.suite,
    content === undefined
      ? undefined
      : { ...content, unmergedLeaves: content.unmergedLeaves.filter((leaf) => !struck.has(leaf)) },
    treeHashWithout(tree, left(node), within(missing, leafRange(left(node))), known),
    treeHashWithout(tree, right(node), within(missing, leafRange(right(node))), known),
  );
  known.set(node, { missing, hash });
  return hash;
}

/** original_sibling_tree_hash of an occupied parent and one of its children (RFC 9420 §7.9); Nh bytes. */
export function originalSiblingTreeHash(
  tree: RatchetTree,
  parentNode: ParentNode,
  sibling: number,
  known: Recomputed = new Map(),
): Uint8Array {
  return treeHashWithout(tree, sibling, within(parentNode.unmergedLeaves, leafRange(sibling)), known);
}

/** The parent_hash that a node carries, if it is of a kind that carries one. */
function carriedHash(tree: RatchetTree, node: number): Uint8Array | undefined {
  if (!isLeaf(node)) {
    return tree.parentNode(node)?.parentHash;
  }
  const leaf = tree.leaf(nodeToLeaf(node));
  return leaf?.leafNodeSource === LeafNodeSource.commit ? leaf.parentHash : undefined;
}

/** The node below `child` that can have been updated together with the parent, if there is one (RFC 9420 §7.9.2). */
function linkCandidate(tree: RatchetTree, parentNode: ParentNode, child: number): number | undefined {
  const unmerged = new Set(within(parentNode.unmergedLeaves, leafRange(child)).map(leafToNode));
  const resolution = tree.resolution(child);
  const others = resolution.filter((node) => !unmerged.has(node));
  // The resolution without that node is what is unmerged on this side: neither more nor less.
  const exact = resolution.length === unmerged.size + 1 && new Set(resolution).size === resolution.length;
  return exact && others.length === 1 ? others[0] : undefined;
}

/**
 * Verifies that each occupied parent is linked to exactly one leaf by a chain of parent hashes: top down, exactly one
 * of the nodes below was set together with it (RFC 9420 §7.9.2). Run it after `checkTreeStructure`.
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1406 (no chain) and rfc53 (two chains)
 */
export function verifyParentHashes(tree: RatchetTree): void {
  const known: Recomputed = new Map();
  for (let node = 1; node < nodeWidth(tree.leafCount); node += 2) {
    const parentNode = tree.parentNode(node);
    if (parentNode === undefined) {
      continue;
    }
    const links = [
      [left(node), right(node)],
      [right(node), left(node)],
    ].filter(([child, sibling]) => {
      const candidate = linkCandidate(tree, parentNode, child!);
      const carried = candidate === undefined ? undefined : carriedHash(tree, candidate);
      if (carried === undefined || carried.length === 0) {
        return false; // an empty hash is nobody's link
      }
      const original = originalSiblingTreeHash(tree, parentNode, sibling!, known);
      return equalBytes(
        carried,
        parentHash(tree.suite, parentNode.encryptionKey, parentNode.parentHash, original),
      );
    });
    if (links.length === 0) {
      throw violation("valn1406", `node ${node} is not linked to a leaf by parent hashes`); // RFC 9420 §7.9.2
    }
    if (links.length > 1) {
      throw violation("rfc53", `node ${node} is linked to two leaves by parent hashes`); // RFC 9420 §7.9.2
    }
  }
}
