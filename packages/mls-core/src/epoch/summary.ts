import type { CommitEffect, CommitPlan, AffectedMember, RemovedMember } from "../plan/index.ts";
import { senderOf } from "../plan/index.ts";
import type { Extension, LeafNode, PreSharedKeyId, QueuedProposal, ReInit, Sender } from "../wire/index.ts";
import type { EpochState, PublicEpoch } from "./epoch-state.ts";

/** What a commit does, for the application to look at before it merges. */
export interface CommitSummary {
  /** The epoch that the commit begins. */
  readonly epoch: bigint;
  /** Who committed: a member, or a newcomer by external commit. */
  readonly sender: Sender;
  /** The committer's leaf in the new epoch. */
  readonly committer: number;
  readonly proposals: readonly QueuedProposal[];
  readonly added: readonly AffectedMember[];
  readonly removed: readonly RemovedMember[];
  /** Leaves replaced by Update proposals. */
  readonly updated: readonly AffectedMember[];
  /** The committer's new leaf, where the commit has a path. */
  readonly updatePathLeaf: LeafNode | undefined;
  readonly psks: readonly PreSharedKeyId[];
  /** The GroupContext extensions of the new epoch. */
  readonly extensions: readonly Extension[];
  /** Set when the group is being reinitialised: it sends nothing after this commit (RFC 9420 §11.2). */
  readonly reinit: ReInit | undefined;
  /** Whether this client is removed. */
  readonly selfRemoved: boolean;
  /** What features of the application leave for it. */
  readonly effects: readonly CommitEffect[];
}

/** The summary of a planned commit. @param ownLeaf of a member, who may be removed by it */
export function summarize(
  plan: CommitPlan,
  epoch: bigint,
  updatePathLeaf: LeafNode | undefined,
  ownLeaf?: number,
): CommitSummary {
  const { committer, proposals, removed, updated, psks, extensions, reinit, effects } = plan;
  return {
    epoch,
    sender: senderOf(plan),
    committer,
    proposals,
    added: plan.added.map(({ leafIndex, leafNode, identity }) => ({ leafIndex, leafNode, identity })),
    removed,
    updated,
    updatePathLeaf,
    psks,
    extensions,
    reinit,
    selfRemoved: removed.some(({ leafIndex }) => leafIndex === ownLeaf),
    effects,
  };
}

/** A commit worked out but not applied: what it does, and the epoch that merging swaps in. */
export interface StagedEpoch<E extends PublicEpoch = EpochState> {
  readonly summary: CommitSummary;
  /** The next epoch; `undefined` when the commit removes this client. */
  readonly next: E | undefined;
  /** The previous epoch it was computed from: it can be merged onto no other state. */
  readonly base: PublicEpoch;
}
