import { MlsError, violation } from "@openmls-ts/traits";
import { NodeType } from "../registry.ts";
import type { LeafNode, Node, ParentNode } from "../wire/index.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { isLeaf, MAX_LEAF_COUNT, nodeWidth } from "./tree-math.ts";

/** A tree that would have room for more leaves than it may. */
export function treeTooLarge(maxLeaves: number): MlsError {
  return new MlsError("ERR_MLS_LIMIT", `the ratchet tree needs more than ${maxLeaves} leaves`, {
    rule: "trap10",
  });
}

/**
 * The entries of a tree as a ratchet_tree extension lists them (RFC 9420 §12.4.3.3).
 * @throws MlsError `ERR_MLS_VALIDATION` rules rfc110 and rfc111, `ERR_MLS_LIMIT` for more than `maxLeaves` leaves
 */
export function importNodes(nodes: readonly (Node | undefined)[], maxLeaves: number): readonly TreeEntry[] {
  if (nodes[nodes.length - 1] === undefined) {
    throw violation("rfc110", "the ratchet tree ends with a blank node"); // RFC 9420 §12.4.3.3
  }
  if (nodes.length > nodeWidth(Math.min(maxLeaves, MAX_LEAF_COUNT))) {
    throw treeTooLarge(maxLeaves); // before anything is hashed
  }
  if (nodes.length % 2 === 0) {
    throw violation("rfc111", "the ratchet tree has an even number of nodes"); // RFC 9420 §12.4.3.3
  }
  return nodes.map((entry, nodeIndex) => {
    if (entry !== undefined && (entry.nodeType === NodeType.leaf) !== isLeaf(nodeIndex)) {
      throw violation("rfc111", `node ${nodeIndex} of the ratchet tree is of the wrong type`); // RFC 9420 §12.4.3.3
    }
    return { node: entry?.nodeType === NodeType.leaf ? entry.leafNode : entry?.parentNode, hash: undefined };
  });
}

/** The nodes as the ratchet_tree extension lists them, up to the last occupied one (RFC 9420 §12.4.3.3). */
export function exportNodes(entries: Iterable<TreeEntry>): (Node | undefined)[] {
  const nodes: (Node | undefined)[] = [];
  let length = 0;
  for (const entry of entries) {
    if (entry.node === undefined) {
      nodes.push(undefined);
      continue;
    }
    nodes.push(
      isLeaf(nodes.length)
        ? { nodeType: NodeType.leaf, leafNode: entry.node as LeafNode }
        : { nodeType: NodeType.parent, parentNode: entry.node as ParentNode },
    );
    length = nodes.length;
  }
  return nodes.slice(0, length);
}
