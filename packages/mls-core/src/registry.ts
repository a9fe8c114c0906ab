/** ProtocolVersion (RFC 9420 §17, 6) */
export const ProtocolVersion = { mls10: 1 } as const;

/** WireFormat (RFC 9420 §17.2) */
export const WireFormat = {
  mlsPublicMessage: 1,
  mlsPrivateMessage: 2,
  mlsWelcome: 3,
  mlsGroupInfo: 4,
  mlsKeyPackage: 5,
} as const;
export type WireFormat = (typeof WireFormat)[keyof typeof WireFormat];

/** ExtensionType (RFC 9420 §17.3) */
export const ExtensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
} as const;
export type ExtensionType = (typeof ExtensionType)[keyof typeof ExtensionType];

/** ProposalType (RFC 9420 §17.4) */
export const ProposalType = {
  add: 1,
  update: 2,
  remove: 3,
  psk: 4,
  reinit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
} as const;
export type ProposalType = (typeof ProposalType)[keyof typeof ProposalType];

/** CredentialType (RFC 9420 §17.5) */
export const CredentialType = { basic: 1, x509: 2 } as const;
export type CredentialType = (typeof CredentialType)[keyof typeof CredentialType];

/** ContentType (RFC 9420 §6) */
export const ContentType = { application: 1, proposal: 2, commit: 3 } as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** SenderType (RFC 9420 §6) */
export const SenderType = { member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 } as const;
export type SenderType = (typeof SenderType)[keyof typeof SenderType];

/** LeafNodeSource (RFC 9420 §7.2) */
export const LeafNodeSource = { keyPackage: 1, update: 2, commit: 3 } as const;
export type LeafNodeSource = (typeof LeafNodeSource)[keyof typeof LeafNodeSource];

/** NodeType (RFC 9420 §7.8) */
export const NodeType = { leaf: 1, parent: 2 } as const;
export type NodeType = (typeof NodeType)[keyof typeof NodeType];

/** PSKType (RFC 9420 §8.4) */
export const PskType = { external: 1, resumption: 2 } as const;
export type PskType = (typeof PskType)[keyof typeof PskType];

/** ResumptionPSKUsage (RFC 9420 §8.4) */
export const ResumptionPskUsage = { application: 1, reinit: 2, branch: 3 } as const;
export type ResumptionPskUsage = (typeof ResumptionPskUsage)[keyof typeof ResumptionPskUsage];

/** ProposalOrRefType (RFC 9420 §12.4) */
export const ProposalOrRefType = { proposal: 1, reference: 2 } as const;
export type ProposalOrRefType = (typeof ProposalOrRefType)[keyof typeof ProposalOrRefType];

/** Extension types of RFC 9420 itself: supported by everyone, never listed in capabilities (§7.2). */
export function isDefaultExtensionType(type: number): boolean {
  return type >= 1 && type <= 5;
}

/** Proposal types of RFC 9420 itself: supported by everyone, never listed in capabilities (§7.2). */
export function isDefaultProposalType(type: number): boolean {
  return type >= 1 && type <= 7;
}

/** Values reserved to keep implementations honest: 0x0A0A, 0x1A1A, … 0xEAEA (RFC 9420 §13.5). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff) && value !== 0xfafa;
}
