import {
  isLeaf,
  isTreeSize,
  left,
  nodeWidth,
  parent,
  right,
  root,
  sibling,
} from "../../../packages/mls-core/src/tree/tree-math.ts";
import { holds, same } from "../check.ts";
import type { VectorFormat } from "../format.ts";

type Relatives = readonly (number | null)[];

interface TreeMath {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: Relatives;
  readonly right: Relatives;
  readonly parent: Relatives;
  readonly sibling: Relatives;
}

/** The relatives of every node of a tree (RFC 9420 App. C). */
export const treeMath: VectorFormat<TreeMath> = {
  name: "tree-math",
  fileName: /tree-math/,
  keys: ["n_leaves", "n_nodes", "root", "left", "right", "parent", "sibling"],
  run: async (vector) => {
    const { n_leaves: leaves, n_nodes: nodes } = vector;
    holds(`${leaves} leaves are a size that a tree can have`, isTreeSize(leaves));
    same("n_nodes", nodeWidth(leaves), nodes);
    same("root", root(leaves), vector.root);
    for (const field of ["left", "right", "parent", "sibling"] as const) {
      same(`length of ${field}`, vector[field].length, nodes);
    }
    for (let node = 0; node < nodes; node++) {
      // Leaves have no children and the root nothing above it: these are not to be asked for.
      same(`left[${node}]`, isLeaf(node) ? null : left(node), vector.left[node]);
      same(`right[${node}]`, isLeaf(node) ? null : right(node), vector.right[node]);
      same(`parent[${node}]`, node === root(leaves) ? null : parent(node), vector.parent[node]);
      same(`sibling[${node}]`, node === root(leaves) ? null : sibling(node), vector.sibling[node]);
    }
  },
};
