import { struct, uint32 } from "../../codec/index.ts";
import { ProposalType, SenderType } from "../../registry.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.3 */
export interface Remove {
  readonly proposalType: typeof ProposalType.remove;
  /** A leaf index. */
  readonly removed: number;
}

//   struct {
//       uint32 removed;
//   } Remove;
export const remove: ProposalEntry<Remove> = {
  type: ProposalType.remove,
  name: "a Remove",
  body: struct<Omit<Remove, "proposalType">>({ removed: uint32 }),
  path: true,
  places: { ...MEMBERS_ONLY, externalSender: true, externalValue: true },
  order: ProposalOrder.remove,
  // RFC 9420 §12.2: at most one of a leaf; at most one in an external commit
  claims: ({ proposal: { removed } }, { committer }) =>
    committer === undefined
      ? { key: ["remove", `leaf ${removed}`], rule: "valn0402", rank: 1 }
      : { key: `leaf ${removed}`, rule: "valn0304", rank: 1 },
  apply: ({ proposal: { removed }, sender }, plan) =>
    plan.removeMember(removed, sender.senderType === SenderType.member && sender.leafIndex === removed),
};
