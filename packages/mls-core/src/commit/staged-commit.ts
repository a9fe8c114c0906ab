import {
  type Extension,
  type LeafNode,
  type PreSharedKeyId,
  type ReInit,
  type Sender,
} from "../wire/index.ts";
import type { AppliedProposals, ProposalList, QueuedProposal } from "../proposal/index.ts";
import type { EpochState } from "./epoch-state.ts";

/** A leaf that a commit adds, updates or removes. */
export interface AffectedMember {
  readonly leafIndex: number;
  readonly leafNode: LeafNode;
}

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
  readonly removed: readonly AffectedMember[];
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
}

/** Assembles the summary of a commit. */
export function summarize(
  list: ProposalList,
  applied: AppliedProposals,
  rest: Pick<CommitSummary, "epoch" | "sender" | "committer" | "updatePathLeaf" | "selfRemoved">,
): CommitSummary {
  return {
    ...rest,
    proposals: list.all,
    added: applied.added.map(({ leafIndex, leafNode }) => ({ leafIndex, leafNode })),
    removed: applied.removed,
    updated: applied.updated,
    psks: list.psks.map(({ proposal }) => proposal.psk),
    extensions: applied.extensions,
    reinit: list.reinit,
  };
}

/** A commit worked out but not applied: what it does, and the epoch that merging swaps in. */
export interface StagedEpoch {
  readonly summary: CommitSummary;
  /** The next epoch; `undefined` when the commit removes this client. */
  readonly next: EpochState | undefined;
  /** The previous epoch it was computed from: it can be merged onto no other state. */
  readonly base: EpochState;
}
