import { struct } from "../../codec/index.ts";
import { ProposalType } from "../../registry.ts";
import { type Extension, extensions } from "../extension.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.7 */
export interface GroupContextExtensions {
  readonly proposalType: typeof ProposalType.groupContextExtensions;
  readonly extensions: readonly Extension[];
}

//   struct {
//       Extension extensions<V>;
//   } GroupContextExtensions;
export const groupContextExtensions: ProposalEntry<GroupContextExtensions> = {
  type: ProposalType.groupContextExtensions,
  name: "a GroupContextExtensions",
  body: struct<Omit<GroupContextExtensions, "proposalType">>({ extensions }),
  path: true,
  places: { ...MEMBERS_ONLY, externalSender: true },
  order: ProposalOrder.groupContextExtensions,
  claims: () => ({ key: "groupContextExtensions", rule: "valn0308" }), // RFC 9420 §12.2
  apply: ({ proposal }, plan) => plan.setExtensions(proposal.extensions),
};
