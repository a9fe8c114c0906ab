import { violation } from "@openmls-ts/traits";
import { struct } from "../../codec/index.ts";
import { ProposalType, SenderType } from "../../registry.ts";
import { type LeafNode, leafNode } from "../leaf-node.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.2 */
export interface Update {
  readonly proposalType: typeof ProposalType.update;
  readonly leafNode: LeafNode;
}

//   struct {
//       LeafNode leaf_node;
//   } Update;
export const update: ProposalEntry<Update> = {
  type: ProposalType.update,
  name: "an Update",
  body: struct<Omit<Update, "proposalType">>({ leafNode }),
  path: true,
  places: MEMBERS_ONLY,
  order: ProposalOrder.update,
  claims: ({ sender }) =>
    sender.senderType === SenderType.member
      ? { key: `leaf ${sender.leafIndex}`, rule: "valn0304" }
      : undefined,
  apply: ({ proposal, sender }, plan) => {
    if (sender.senderType !== SenderType.member || plan.leaf(sender.leafIndex) === undefined) {
      throw violation("valn0601", "an Update that is not from a member"); // RFC 9420 §12.1.2
    }
    if (sender.leafIndex === plan.committer) {
      throw violation("valn0302", "an Update by the committer"); // RFC 9420 §12.2
    }
    plan.updateMember(sender.leafIndex, proposal.leafNode);
  },
};
