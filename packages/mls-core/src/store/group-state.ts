import { bytesToKey, type Secret } from "@openmls-ts/traits";
import { type EpochState, type PublicEpoch, type StagedEpoch, wipeEpoch } from "../epoch/index.ts";
import type { SecretTree } from "../secret-tree/index.ts";
import type { ReInit } from "../wire/index.ts";
import type { MlsGroupConfig } from "./config.ts";
import type { Handout } from "./handout.ts";
import type { PastEpoch, PastLeaves } from "./past-epochs.ts";
import { wipePastFeatures } from "./past-features.ts";
import type { KnownProposal } from "./proposal-record.ts";
import type { Restored } from "./restored.ts";

/** A commit of ours that waits for its confirmation. */
export interface PendingCommit {
  /** The MLSMessage as it was sent, to recognise its echo. */
  readonly message: Uint8Array;
  readonly staged: StagedEpoch & { readonly next: EpochState };
  /** The message keys of the next epoch. */
  readonly secretTree: SecretTree;
  readonly handout: Handout;
  readonly withPath: boolean;
  /** What {@link MemberState.pathlessGivenUp} was when it was made. */
  readonly pathlessGivenUp: boolean;
}

/** Where a group stands on this client. */
export type GroupStatus = "active" | "reinitialized" | "removed" | "deleted" | "closed";

/** A group as everybody sees it. Immutable: an operation puts another one in its place. */
export interface PublicState {
  readonly epoch: PublicEpoch;
  readonly config: MlsGroupConfig;
  /** What a commit may name. */
  readonly proposals: readonly KnownProposal[];
  readonly reinit: ReInit | undefined;
  readonly status: GroupStatus;
}

/** A group as one of its members has it: the public state, with secrets. */
export interface MemberState extends PublicState {
  readonly epoch: EpochState;
  readonly ownLeaf: number;
  readonly secretTree: SecretTree;
  readonly past: readonly PastEpoch[];
  readonly pastLeaves: PastLeaves;
  /** Private keys of leaves that we proposed by Update, by public key. */
  readonly ownUpdates: ReadonlyMap<string, Secret>;
  readonly pending: PendingCommit | undefined;
  /** Of the current epoch, where it began with a commit of ours. */
  readonly handout: Handout | undefined;
  /**
   * Whether a commit of this epoch without a path was given up whose Welcome was sealed: another one of the same content
   * would seal under the same key, so the next one has a path.
   */
  readonly pathlessGivenUp: boolean;
  /** The mark of a copy, which may not send. */
  readonly restored: Restored;
}

/** Whether a state is a member's. */
export function isMember(state: PublicState): state is MemberState {
  return "ownLeaf" in state;
}

/** A copy of the private key of a leaf that we proposed by Update. */
export function ownUpdateKey({ ownUpdates }: MemberState, encryptionKey: Uint8Array): Uint8Array | undefined {
  return ownUpdates.get(bytesToKey(encryptionKey))?.clone().expose();
}

/** Erases the secrets of a pending commit. */
export function wipePending(pending: PendingCommit | undefined): void {
  if (pending !== undefined) {
    wipeEpoch(pending.staged.next);
    pending.secretTree.wipe();
  }
}

export function wipePast(past: readonly PastEpoch[]): void {
  for (const { senderDataSecret, secretTree, features } of past) {
    senderDataSecret.wipe();
    secretTree.wipe();
    wipePastFeatures(features);
  }
}

/** Erases all secrets of a member's state. */
export function wipeMember(state: MemberState): void {
  wipeEpoch(state.epoch);
  state.secretTree.wipe();
  wipePast(state.past);
  state.ownUpdates.forEach((key) => key.wipe());
  wipePending(state.pending);
}
