import { bytesToKey, violation } from "@openmls-ts/traits";
import { encode, struct } from "../../codec/index.ts";
import { ProposalType } from "../../registry.ts";
import { type PreSharedKeyId, preSharedKeyId } from "../psk-id.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.4 */
export interface PreSharedKey {
  readonly proposalType: typeof ProposalType.psk;
  readonly psk: PreSharedKeyId;
}

//   struct {
//       PreSharedKeyID psk;
//   } PreSharedKey;
export const psk: ProposalEntry<PreSharedKey> = {
  type: ProposalType.psk,
  name: "a PreSharedKey",
  body: struct<Omit<PreSharedKey, "proposalType">>({ psk: preSharedKeyId }),
  path: false,
  places: { ...MEMBERS_ONLY, externalSender: true, externalValue: true },
  order: ProposalOrder.psk,
  // RFC 9420 §12.2: each PreSharedKeyID once
  claims: ({ proposal }) => ({
    key: `psk ${bytesToKey(encode(preSharedKeyId, proposal.psk))}`,
    rule: "valn0307",
  }),
  apply: ({ proposal }, plan) => {
    if (proposal.psk.pskNonce.length !== plan.suite.params.kdf.hashLength) {
      throw violation("valn0803", "psk_nonce does not have Nh bytes"); // RFC 9420 §12.1.4
    }
    plan.injectPsk(proposal.psk);
  },
};
