import { violation } from "@openmls-ts/traits";
import { struct } from "../../codec/index.ts";
import { ProposalType } from "../../registry.ts";
import { publicKeyBytes } from "../sizes.ts";
import { type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.6 */
export interface ExternalInit {
  readonly proposalType: typeof ProposalType.externalInit;
  readonly kemOutput: Uint8Array;
}

//   struct {
//       opaque kem_output<V>;
//   } ExternalInit;
export const externalInit: ProposalEntry<ExternalInit> = {
  type: ProposalType.externalInit,
  name: "an ExternalInit",
  body: struct<Omit<ExternalInit, "proposalType">>({ kemOutput: publicKeyBytes }),
  path: true,
  places: {
    value: true,
    reference: false,
    externalSender: false,
    externalValue: true,
    externalReference: false,
  },
  order: ProposalOrder.externalInit,
  claims: () => ({ key: "externalInit", rule: "valn0401" }), // RFC 9420 §12.2
  apply: ({ proposal }, plan) => {
    if (plan.committer !== undefined) {
      throw violation("valn0310", "an ExternalInit in a member's commit"); // RFC 9420 §12.2
    }
    plan.initExternally(proposal.kemOutput);
  },
};
