import { DEFAULT_LIMITS } from "@openmls-ts/traits";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import { ratchetTree } from "../../../packages/mls-core/src/wire/index.ts";
import {
  checkTreeStructure,
  nodeWidth,
  RatchetTree,
  verifyLeafSignature,
  verifyParentHashes,
} from "../../../packages/mls-core/src/tree/index.ts";
import { hex, holds, same, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface TreeValidation {
  readonly tree: string;
  readonly group_id: string;
  readonly resolutions: readonly (readonly number[])[];
  readonly tree_hashes: readonly string[];
}

/** Resolutions, tree hashes, parent hashes and leaf signatures of a tree (RFC 9420 §4.1.1, 7.8, 7.9). */
export const treeValidation: VectorFormat<TreeValidation> = {
  name: "tree-validation",
  fileName: /tree-validation/,
  keys: ["cipher_suite", "tree", "group_id", "resolutions", "tree_hashes"],
  run: async (vector, { suite }) => {
    const bytes = hex(vector.tree);
    const tree = RatchetTree.fromNodes(suite, decode(ratchetTree, bytes), DEFAULT_LIMITS.maxLeaves);
    sameBytes("tree, encoded again", encode(ratchetTree, tree.exportNodes()), bytes);
    const width = nodeWidth(tree.leafCount);
    same("number of resolutions", vector.resolutions.length, width);
    same("number of tree hashes", vector.tree_hashes.length, width);
    for (let node = 0; node < width; node++) {
      same(`resolution of ${node}`, tree.resolution(node).join(), vector.resolutions[node]!.join());
      sameBytes(`tree hash of ${node}`, tree.treeHashOf(node), vector.tree_hashes[node]!);
    }
    checkTreeStructure(tree);
    verifyParentHashes(tree);
    // Signatures alone: the lifetimes are over, and some leaves do not list their own cipher suite.
    const groupId = hex(vector.group_id);
    for (const [leafIndex, leaf] of tree.members()) {
      const verified = await verifyLeafSignature(suite, leaf, { groupId, leafIndex });
      holds(`the signature of leaf ${leafIndex} verifies`, verified);
    }
  },
};
