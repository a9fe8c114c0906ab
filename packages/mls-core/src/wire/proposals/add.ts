import { bytesToKey, violation } from "@openmls-ts/traits";
import { struct } from "../../codec/index.ts";
import { ProposalType } from "../../registry.ts";
import { type KeyPackageStruct, keyPackageStruct } from "../key-package.ts";
import { MEMBERS_ONLY, type ProposalEntry, ProposalOrder } from "../proposal-entry.ts";

/** RFC 9420 §12.1.1 */
export interface Add {
  readonly proposalType: typeof ProposalType.add;
  readonly keyPackage: KeyPackageStruct;
}

//   struct {
//       KeyPackage key_package;
//   } Add;
export const add: ProposalEntry<Add> = {
  type: ProposalType.add,
  name: "an Add",
  body: struct<Omit<Add, "proposalType">>({ keyPackage: keyPackageStruct }),
  path: false,
  places: { ...MEMBERS_ONLY, externalSender: true },
  order: ProposalOrder.add,
  // RFC 9420 §12.2: two Adds of one client
  claims: ({ proposal }) => ({
    key: `client ${bytesToKey(proposal.keyPackage.leafNode.signatureKey)}`,
    rule: "valn0305",
  }),
  apply: ({ proposal: { keyPackage } }, plan) => {
    if (plan.leafBySignatureKey(keyPackage.leafNode.signatureKey) !== undefined) {
      throw violation("valn0306", "an Add of a client that is already a member"); // RFC 9420 §12.2
    }
    plan.addMember(keyPackage);
  },
};
