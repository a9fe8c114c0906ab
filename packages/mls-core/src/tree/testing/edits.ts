import { type LeafNode, type ParentNode } from "../../wire/index.ts";
import type { RatchetTree } from "../ratchet-tree.ts";
import { directPath, leafRange } from "../tree-math.ts";

// Changes that no operation of the protocol makes, for trees that must be refused.

function parentsAbove(tree: RatchetTree, leafIndex: number): Map<number, ParentNode> {
  const parents = new Map<number, ParentNode>();
  for (const node of directPath(leafIndex, tree.leafCount)) {
    const parent = tree.parentNode(node);
    if (parent !== undefined) {
      parents.set(node, parent);
    }
  }
  return parents;
}

/** Puts a leaf in its place and leaves the nodes above it as they are. */
export function setLeaf(tree: RatchetTree, leafIndex: number, leaf: LeafNode): void {
  tree.setPath(leafIndex, leaf, parentsAbove(tree, leafIndex));
}

/** Puts one parent in its place, or blanks it. */
export function setParent(tree: RatchetTree, nodeIndex: number, parent: ParentNode | undefined): void {
  const leafIndex = leafRange(nodeIndex).start;
  const parents = parentsAbove(tree, leafIndex);
  if (parent === undefined) {
    parents.delete(nodeIndex);
  } else {
    parents.set(nodeIndex, parent);
  }
  tree.setPath(leafIndex, tree.leaf(leafIndex) as LeafNode, parents);
}

/** Blanks all nodes above a leaf. */
export function blankPath(tree: RatchetTree, leafIndex: number): void {
  tree.setPath(leafIndex, tree.leaf(leafIndex) as LeafNode, new Map());
}
