/**
 * Messaging Layer Security (RFC 9420). Start with {@link KeyPackage}, {@link MlsGroup} and {@link StagedWelcome}.
 * @module
 */
export {
  type AffectedMember,
  type CommitSummary,
  deleteExternalPsk,
  type LeafNodeParameters,
  storeExternalPsk,
} from "./commit/index.ts";
export {
  type Add,
  applicationIdExtension,
  applicationIdOf,
  type BasicCredential,
  basicCredential,
  type Capabilities,
  type Credential,
  type CredentialWithKey,
  type Extension,
  type ExternalInit,
  type ExternalPskId,
  type ExternalSender,
  externalSendersExtension,
  externalSendersOf,
  type GroupContext,
  type GroupContextExtensions,
  type KeyPackageStruct,
  type LeafNode,
  type Lifetime,
  type PreSharedKey,
  type PreSharedKeyId,
  type Proposal,
  type PskName,
  type ReInit,
  type Remove,
  type RequiredCapabilities,
  requiredCapabilitiesExtension,
  requiredCapabilitiesOf,
  type ResumptionPskId,
  type Sender,
  type Update,
  type X509Credential,
} from "./wire/index.ts";
export type { GroupInfoChoices } from "./group/build-commit.ts";
export type { CommitBuilder } from "./group/commit-builder.ts";
export { DEFAULT_GROUP_CONFIG, type MlsGroupConfig } from "./group/config.ts";
export type { GroupCreation } from "./group/create-group.ts";
export type { ExternalJoinOptions } from "./group/external-join.ts";
export { proposeAsExternalSender, proposeToJoin, type ProposalTarget } from "./group/external-proposal.ts";
export type { MlsGroupBuilder } from "./group/group-builder.ts";
export type { BranchOptions, LinkedGroupMembers } from "./group/linked-group.ts";
export type { MergedCommit } from "./group/handout.ts";
export type { JoinOptions } from "./group/join-group.ts";
export type { Member } from "./group/member.ts";
export {
  type CommitResult,
  type LinkedGroup,
  MlsGroup,
  type SendOptions,
  type StagedExternalJoin,
} from "./group/mls-group.ts";
export type { RefusedKeyPackage } from "./group/refused-adds.ts";
export type { ProcessedMessage, StagedCommit } from "./group/processed-message.ts";
export { type ProcessedPublicMessage, PublicGroup, type StagedPublicCommit } from "./group/public-group.ts";
export type { ProposalResult } from "./group/send.ts";
export { StagedWelcome } from "./group/staged-welcome.ts";
export { importKeyPackage, type KeyPackagePrivateKeys } from "./key-package/import-key-package.ts";
export { KeyPackage, type KeyPackageBuilder, KeyPackageIn } from "./key-package/index.ts";
export type { QueuedProposal } from "./proposal/index.ts";
export * from "./registry.ts";
export { defaultCapabilities } from "./tree/supported.ts";
