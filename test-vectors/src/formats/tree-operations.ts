import { DEFAULT_LIMITS } from "@openmls-ts/traits";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  isProposal,
  proposal,
  type Proposal,
  ratchetTree,
} from "../../../packages/mls-core/src/wire/index.ts";
import { ProposalType } from "../../../packages/mls-core/src/registry.ts";
import { RatchetTree } from "../../../packages/mls-core/src/tree/index.ts";
import { hex, Mismatch, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface TreeOperation {
  readonly tree_before: string;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_hash_before: string;
  readonly tree_after: string;
  readonly tree_hash_after: string;
}

/** Add, Update and Remove on a tree (RFC 9420 §12.1). The cases lack what a validation of the leaves would need. */
export const treeOperations: VectorFormat<TreeOperation> = {
  name: "tree-operations",
  fileName: /tree-operations/,
  keys: ["cipher_suite", "tree_before", "proposal", "proposal_sender", "tree_after"],
  run: async (vector, { suite }) => {
    const before = decode(ratchetTree, hex(vector.tree_before));
    const tree = RatchetTree.fromNodes(suite, before, DEFAULT_LIMITS.maxLeaves);
    sameBytes("tree_hash_before", tree.treeHash(), vector.tree_hash_before);
    apply(tree, decode(proposal, hex(vector.proposal)), vector.proposal_sender);
    sameBytes("tree_after", encode(ratchetTree, tree.exportNodes()), vector.tree_after);
    sameBytes("tree_hash_after", tree.treeHash(), vector.tree_hash_after);
  },
};

function apply(tree: RatchetTree, change: Proposal, sender: number): void {
  if (isProposal(change, ProposalType.add)) {
    tree.addLeaf(change.keyPackage.leafNode);
  } else if (isProposal(change, ProposalType.update)) {
    tree.updateLeaf(sender, change.leafNode);
  } else if (isProposal(change, ProposalType.remove)) {
    tree.removeLeaf(change.removed);
  } else {
    throw new Mismatch(`a proposal of type ${change.proposalType} does not change the tree`);
  }
}
