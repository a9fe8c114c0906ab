import { MlsError } from "@openmls-ts/traits";

// Node indices of a left-balanced tree in an array (RFC 9420 App. C): leaves at even positions, parents at odd ones.
// The number of leaves is a power of two of at most 2^29, so that every node index stays below 2^30 and the 32-bit
// operators are exact. Whatever comes from the wire is compared with the size of the tree before it gets here.

/** The most leaves any tree can have here, whatever the configured limit. */
export const MAX_LEAF_COUNT: number = 2 ** 29;

/** Whether a number can be the size of a tree: a power of two up to {@link MAX_LEAF_COUNT}. */
export function isTreeSize(leafCount: number): boolean {
  return (
    Number.isInteger(leafCount) &&
    leafCount >= 1 &&
    leafCount <= MAX_LEAF_COUNT &&
    (leafCount & (leafCount - 1)) === 0
  );
}

/** Whether a node is a leaf. */
export function isLeaf(node: number): boolean {
  return node % 2 === 0;
}

/** The node index of a leaf index. */
export function leafToNode(leafIndex: number): number {
  return 2 * leafIndex;
}

/** The leaf index of a leaf's node index. */
export function nodeToLeaf(node: number): number {
  return node / 2;
}

/** Height above the leaves, which are at level 0. */
export function level(node: number): number {
  return 31 - Math.clz32(~node & (node + 1));
}

/** The node of a level that is the `position`-th from the left. */
function nodeAt(height: number, position: number): number {
  return position * 2 ** (height + 1) + 2 ** height - 1;
}

function childLevel(node: number): number {
  if (isLeaf(node)) {
    throw new MlsError("ERR_MLS_INTERNAL", "a leaf has no children");
  }
  return level(node) - 1;
}

/** The left child of a parent. */
export function left(node: number): number {
  return node - 2 ** childLevel(node);
}

/** The right child of a parent. */
export function right(node: number): number {
  return node + 2 ** childLevel(node);
}

/** The parent of a node, if the tree is large enough: not to be asked of the root. */
export function parent(node: number): number {
  const height = level(node);
  return nodeAt(height + 1, Math.floor(node / 2 ** (height + 2)));
}

/** The other child of a node's parent: not to be asked of the root. */
export function sibling(node: number): number {
  const above = parent(node);
  return node < above ? right(above) : left(above);
}

/** The number of nodes of a tree. */
export function nodeWidth(leafCount: number): number {
  return 2 * leafCount - 1;
}

/** The smallest size of a tree whose width is at least this many nodes. */
export function leafCountFor(width: number): number {
  let leafCount = 1;
  while (nodeWidth(leafCount) < width) {
    leafCount *= 2;
  }
  return leafCount;
}

/** The root of a tree. */
export function root(leafCount: number): number {
  return leafCount - 1;
}

/** The nodes above a leaf, from its parent up to the root; empty in a tree of one leaf. */
export function directPath(leafIndex: number, leafCount: number): number[] {
  const path: number[] = [];
  for (let height = 1; 2 ** height <= leafCount; height++) {
    path.push(nodeAt(height, leafIndex >>> height));
  }
  return path;
}

/** For each node of the {@link directPath}, its child that is not above the leaf. */
export function copath(leafIndex: number, leafCount: number): number[] {
  const path: number[] = [];
  for (let height = 0; 2 ** height < leafCount; height++) {
    path.push(nodeAt(height, (leafIndex >>> height) ^ 1));
  }
  return path;
}

/** The lowest node above two leaves; the leaf's own node if they are the same. */
export function commonAncestor(leafA: number, leafB: number): number {
  const height = 32 - Math.clz32(leafA ^ leafB);
  return nodeAt(height, leafA >>> height);
}

/** The leaves below a node: from `start` up to but not including `end`. */
export function leafRange(node: number): { readonly start: number; readonly end: number } {
  const size = 2 ** level(node);
  const start = (node + 1 - size) / 2;
  return { start, end: start + size };
}

/** Whether a leaf stands below a node, or is it. */
export function isInSubtree(node: number, leafIndex: number): boolean {
  const { start, end } = leafRange(node);
  return leafIndex >= start && leafIndex < end;
}
