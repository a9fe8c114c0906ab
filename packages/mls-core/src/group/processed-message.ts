import { deepCopy } from "@openmls-ts/traits";
import type { CommitSummary, StagedEpoch } from "../commit/index.ts";
import { type Credential, type Sender } from "../wire/index.ts";
import type { QueuedProposal } from "../proposal/index.ts";
import type { SecretTree } from "../secret-tree/index.ts";

let reveal: (commit: StagedCommit) => { staged: StagedEpoch; secretTree: SecretTree | undefined };

/** A received commit, verified and worked out, waiting to be merged. Nothing has changed yet. */
export class StagedCommit {
  /** What the commit does. Look at it before merging. */
  readonly summary: CommitSummary;
  readonly #staged: StagedEpoch;
  readonly #secretTree: SecretTree | undefined;

  /** For this library; applications receive staged commits from `processMessage`. */
  constructor(staged: StagedEpoch, secretTree: SecretTree | undefined) {
    this.summary = deepCopy(staged.summary);
    this.#staged = staged;
    this.#secretTree = secretTree;
  }

  /** The epoch that the commit begins. */
  get epoch(): bigint {
    return this.summary.epoch;
  }

  /** Whether merging takes this client out of the group. */
  get selfRemoved(): boolean {
    return this.summary.selfRemoved;
  }

  static {
    reveal = (commit) => ({ staged: commit.#staged, secretTree: commit.#secretTree });
  }
}

/** The inside of a staged commit; not exported from the package. */
export function openStagedCommit(commit: StagedCommit): {
  staged: StagedEpoch;
  secretTree: SecretTree | undefined;
} {
  return reveal(commit);
}

interface MessageInfo {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  /** The sender's credential; for members as of the message's epoch. */
  readonly credential: Credential | undefined;
  /** Sent in the clear, but authenticated. */
  readonly authenticatedData: Uint8Array;
}

/** What a message turned out to be. */
export type ProcessedMessage =
  | (MessageInfo & { readonly kind: "application"; readonly data: Uint8Array })
  | (MessageInfo & {
      readonly kind: "proposal";
      readonly proposal: QueuedProposal & { readonly reference: Uint8Array };
      /**
       * Proposals of members are kept at once. One from outside is kept when the application says so, with
       * `storePendingProposal` (RFC 9420 §12.1.8).
       */
      readonly stored: boolean;
    })
  | (MessageInfo & { readonly kind: "commit"; readonly stagedCommit: StagedCommit })
  | (MessageInfo & {
      /** A message of this client, come back from the delivery service. */
      readonly kind: "ownEcho";
      /** Whether it is the pending commit: the delivery service accepted it, so it may be merged. */
      readonly pendingCommit: boolean;
    });
