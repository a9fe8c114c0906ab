/**
 * Messaging Layer Security (RFC 9420). Start with {@link KeyPackage}, {@link MlsGroup} and {@link StagedWelcome}; what an
 * application adds to the protocol is a {@link Feature}.
 * @module
 */
export * from "./codec/index.ts";
export { type CommitSummary, deleteExternalPsk, storeExternalPsk } from "./epoch/index.ts";
export type { ExtensionEntry, ExtensionPlace } from "./extension/index.ts";
export {
  type ContentCoder,
  type CredentialEntry,
  customCredentials,
  customExtension,
  customProposal,
  type DefinedProposal,
  defineProposal,
  type EndingEpoch,
  type EpochRecord,
  type EpochSecretEntry,
  type Feature,
  type FeatureCapabilities,
  type FeatureExtension,
  type FeatureMessage,
  type FeatureStore,
  type GroupAccess,
  type HpkeSealedMessage,
  type ObjectFacts,
  type ObjectHooks,
  type ObjectPlace,
  type PathLeaf,
  type PlanStep,
  type ProposalDefinition,
  type PskEntry,
  type WireFormatEntry,
} from "./feature/index.ts";
export type { CommitBuilder } from "./group/commit/commit-builder.ts";
export type { CommitBundle, CommitOptions, CommitResult, GroupInfoChoices } from "./group/commit/results.ts";
export type { GroupCreation } from "./group/create-group.ts";
export { proposeAsExternalSender, proposeToJoin, type ProposalTarget } from "./group/external-proposal.ts";
export type { MlsGroupBuilder } from "./group/group-builder.ts";
export type { CommittingGroup } from "./group/commit/committing-group.ts";
export type { KeptGroup } from "./group/kept-group.ts";
export type { GroupView } from "./group/group-view.ts";
export type { KeptSecrets } from "./group/kept-secrets.ts";
export type { ExternalCommitBuilder } from "./group/join/external-commit-builder.ts";
export type { ExternalJoinOptions } from "./group/join/external-join.ts";
export type { JoinOptions } from "./group/join/stage-welcome.ts";
export type { BranchOptions, LinkedGroupMembers } from "./group/linked-group.ts";
export type { Member } from "./group/member.ts";
export type { MemberView } from "./group/member-view.ts";
export { type LinkedGroup, MlsGroup } from "./group/mls-group.ts";
export type { NextEpoch } from "./group/next-epoch.ts";
export type { PastEpochChoice, PastEpochInfo } from "./group/past-epochs.ts";
export type { ProposalChoice, ProposalRecord } from "./group/proposal-view.ts";
export { PublicGroup } from "./group/public-group.ts";
export type {
  MessageInfo,
  ProcessedMessage,
  ProcessedProposal,
  ProcessedPublicMessage,
} from "./group/receive/processed-message.ts";
export type { StagedCommit } from "./group/receive/staged-commit.ts";
export { type ReloadableGroup, retrying, type RetryingOptions } from "./group/retrying.ts";
export {
  type LeafNodeParameters,
  type MemberChoice,
  type ProposalDraft,
  proposals,
  type ReInitChoice,
  type ResumptionPskChoice,
} from "./group/send/drafts.ts";
export { paddingFor } from "./group/send/padding.ts";
export type { ProposalResult } from "./group/send/propose.ts";
export type { ProposingGroup, SendOptions } from "./group/send/proposing-group.ts";
export { exportGroup, importGroup } from "./group/transfer.ts";
export { migrateStore, type StoreMigration } from "./store/migrate-store.ts";
export type { StagedExternalJoin } from "./group/staged-external-join.ts";
export { ProcessedWelcome } from "./group/processed-welcome.ts";
export { StagedWelcome } from "./group/staged-welcome.ts";
export { type PersonalWelcome, splitWelcome } from "./group/split-welcome.ts";
export {
  bestCipherSuite,
  deleteKeyPackages,
  type Grease,
  importKeyPackage,
  KeyPackage,
  type KeyPackageBuilder,
  KeyPackageIn,
  type KeyPackagePrivateKeys,
  listKeyPackages,
  type StoredKeyPackage,
  sweepKeyPackages,
} from "./key-package/index.ts";
export type { AffectedMember, CommitEffect, LeftOut, RemovedMember } from "./plan/index.ts";
export * from "./registry.ts";
export type { AbortSignalLike, WorkOptions, WorkProgress, WorkTask } from "./work.ts";
export { defaultCapabilities } from "./tree/supported.ts";
export {
  type AlsoWrite,
  DEFAULT_GROUP_CONFIG,
  type GroupListing,
  type GroupStatus,
  type MergedCommit,
  type MlsGroupConfig,
  type WelcomedMember,
  type WriteOptions,
} from "./store/index.ts";
export {
  type Add,
  type AnyProposal,
  applicationIdExtension,
  applicationIdOf,
  type BasicCredential,
  basicCredential,
  type Capabilities,
  type Claim,
  type Credential,
  type CredentialWithKey,
  customCredential,
  type CustomProposal,
  type DefaultProposal,
  type Duration,
  type Extension,
  type ExternalInit,
  type ExternalPskId,
  type ExternalSender,
  externalSendersExtension,
  externalSendersOf,
  type FramedContentHeader,
  type GroupContext,
  type GroupContextExtensions,
  type GroupInfoSummary,
  isProposal,
  type KeyPackageStruct,
  type KeyPackageSummary,
  type KeyPackageTbs,
  type LeafNode,
  type LeafNodeHead,
  type LeafNodeOrigin,
  type LeafNodeTail,
  type Lifetime,
  lifetime,
  type LifetimeChoice,
  type MessageSummary,
  MlsMessage,
  type OtherCredential,
  type OtherMessageSummary,
  type OtherPskId,
  type Plan,
  type PlanSide,
  type PreSharedKey,
  type PreSharedKeyId,
  type PrivateMessageSummary,
  type Proposal,
  type ProposalEntry,
  ProposalOrder,
  type ProposalPlaces,
  type PskName,
  type PublicMessageSummary,
  type Queued,
  type QueuedProposal,
  type ReadMessageOptions,
  type ReInit,
  type Remove,
  type RequiredCapabilities,
  requiredCapabilitiesExtension,
  requiredCapabilitiesOf,
  type ResumptionPskId,
  type Sender,
  type SupportKind,
  type UnsignedLeafNode,
  type Update,
  type WelcomeSummary,
  type X509Credential,
  x509Credential,
} from "./wire/index.ts";
