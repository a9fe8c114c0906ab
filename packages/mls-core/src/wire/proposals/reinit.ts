import { violation } from "@openmls-ts/traits";
import { struct, uint16 } from "../../codec/index.ts";
import { ProposalType } from "../../registry.ts";
import { type Extension, extensions } from "../extension.ts";
import { idBytes } from "../sizes.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.5 */
export interface ReInit {
  readonly proposalType: typeof ProposalType.reinit;
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}

//   struct {
//       opaque group_id<V>;
//       ProtocolVersion version;
//       CipherSuite cipher_suite;
//       Extension extensions<V>;
//   } ReInit;
export const reinit: ProposalEntry<ReInit> = {
  type: ProposalType.reinit,
  name: "a ReInit",
  body: struct<Omit<ReInit, "proposalType">>({
    groupId: idBytes,
    version: uint16,
    cipherSuite: uint16,
    extensions,
  }),
  path: false,
  places: { ...MEMBERS_ONLY, externalSender: true },
  order: ProposalOrder.reinit,
  alone: true,
  apply: ({ proposal }, plan) => {
    if (proposal.version < plan.groupContext.version) {
      throw violation("valn0901", "a ReInit to a lower protocol version"); // RFC 9420 §12.1.5
    }
    plan.reinitialize(proposal);
  },
};
