import { describe, expect, it } from "vitest";
import { itPasses } from "../testing/vectors.ts";
import * as math from "./tree-math.ts";

interface TreeMath {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly sibling: readonly (number | null)[];
}

describe("tree math", () => {
  itPasses(["mls/tree-math.json"], async (vector: TreeMath) => {
    const { n_leaves: leaves } = vector;
    expect(math.isTreeSize(leaves)).toBe(true);
    expect(math.nodeWidth(leaves)).toBe(vector.n_nodes);
    expect(math.leafCountFor(vector.n_nodes)).toBe(leaves);
    expect(math.root(leaves)).toBe(vector.root);
    const nodes = Array.from({ length: vector.n_nodes }, (_, node) => node);
    const isRoot = (node: number): boolean => node === vector.root;
    expect(nodes.map((node) => (math.isLeaf(node) ? null : math.left(node)))).toEqual(vector.left);
    expect(nodes.map((node) => (math.isLeaf(node) ? null : math.right(node)))).toEqual(vector.right);
    expect(nodes.map((node) => (isRoot(node) ? null : math.parent(node)))).toEqual(vector.parent);
    expect(nodes.map((node) => (isRoot(node) ? null : math.sibling(node)))).toEqual(vector.sibling);
  });

  it("leads from each leaf to the root, past all siblings", () => {
    for (const leafCount of [1, 2, 4, 8, 64]) {
      for (let leaf = 0; leaf < leafCount; leaf++) {
        const path: number[] = [];
        const beside: number[] = [];
        for (let node = math.leafToNode(leaf); node !== math.root(leafCount); node = math.parent(node)) {
          path.push(math.parent(node));
          beside.push(math.sibling(node));
        }
        expect(math.directPath(leaf, leafCount)).toEqual(path);
        expect(math.copath(leaf, leafCount)).toEqual(beside);
        for (let other = 0; other < leafCount; other++) {
          const above = [2 * leaf, ...path].find((node) => math.isInSubtree(node, other));
          expect(math.commonAncestor(leaf, other)).toBe(above);
        }
      }
    }
  });

  it("stays exact in the largest tree", () => {
    const last = math.MAX_LEAF_COUNT - 1;
    expect(math.isTreeSize(math.MAX_LEAF_COUNT)).toBe(true);
    expect(math.directPath(last, math.MAX_LEAF_COUNT).at(-1)).toBe(math.root(math.MAX_LEAF_COUNT));
    expect(math.commonAncestor(0, last)).toBe(math.root(math.MAX_LEAF_COUNT));
    expect(math.leafRange(math.root(math.MAX_LEAF_COUNT))).toEqual({ start: 0, end: last + 1 });
    expect(math.right(math.root(math.MAX_LEAF_COUNT))).toBe(2 ** 29 + 2 ** 28 - 1);
    expect(math.parent(math.right(math.root(math.MAX_LEAF_COUNT)))).toBe(math.root(math.MAX_LEAF_COUNT));
  });

  it("knows which sizes a tree can have", () => {
    for (const size of [0, -1, 3, 1.5, Number.NaN, 2 ** 30, 2 ** 32]) {
      expect(math.isTreeSize(size)).toBe(false);
    }
  });

  it("has no children of leaves", () => {
    expect(() => math.left(4)).toThrow("no children");
    expect(() => math.right(4)).toThrow("no children");
  });
});
