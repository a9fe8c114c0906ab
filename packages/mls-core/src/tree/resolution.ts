import type { ParentNode } from "../wire/index.ts";
import type { NodeStore } from "./node-store.ts";
import {
  copath,
  directPath,
  isLeaf,
  leafRange,
  leafToNode,
  left,
  nodeToLeaf,
  right,
  root,
} from "./tree-math.ts";

/** One step of a filtered direct path: a parent, and its child that is not above the leaf. */
export interface PathStep {
  readonly node: number;
  readonly copath: number;
}

/** The nodes whose keys reach everybody below a node of the tree (RFC 9420 §4.1.1), in the RFC's order. */
export function resolutionOf(
  nodes: NodeStore,
  nodeIndex: number,
  without: ReadonlySet<number> | undefined,
): number[] {
  const resolved: number[] = [];
  const visit = (at: number): void => {
    const node = nodes.node(at);
    if (node === undefined) {
      if (nodes.members(at) > 0) {
        visit(left(at));
        visit(right(at));
      }
    } else if (isLeaf(at)) {
      if (without?.has(nodeToLeaf(at)) !== true) {
        resolved.push(at);
      }
    } else {
      resolved.push(at);
      for (const leafIndex of (node as ParentNode).unmergedLeaves) {
        if (without?.has(leafIndex) !== true) {
          resolved.push(leafToNode(leafIndex));
        }
      }
    }
  };
  visit(nodeIndex);
  return resolved;
}

/** The filtered direct path of a leaf of the tree, upwards (RFC 9420 §4.1.2). */
export function filteredPathOf(nodes: NodeStore, leafIndex: number): PathStep[] {
  const others = copath(leafIndex, nodes.leafCount);
  return directPath(leafIndex, nodes.leafCount)
    .map((node, at) => ({ node, copath: others[at]! }))
    .filter((step) => nodes.members(step.copath) > 0);
}

/** The leaf that the next new member takes; equal to the tree's size when it is full (RFC 9420 §7.7). */
export function leftmostBlank(nodes: NodeStore): number {
  let node = root(nodes.leafCount);
  if (nodes.members(node) === nodes.leafCount) {
    return nodes.leafCount;
  }
  while (!isLeaf(node)) {
    const { start, end } = leafRange(left(node));
    node = nodes.members(left(node)) < end - start ? left(node) : right(node);
  }
  return nodeToLeaf(node);
}

/** The size of the tree without what is empty on its right (RFC 9420 §7.7). */
export function truncatedSize(nodes: NodeStore): number {
  let { leafCount } = nodes;
  while (leafCount > 1 && nodes.members(right(root(leafCount))) === 0) {
    leafCount /= 2;
  }
  return leafCount;
}
