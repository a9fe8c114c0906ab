import type { Credential, QueuedProposal, Sender } from "../../wire/index.ts";
import type { StagedCommit } from "./staged-commit.ts";

/** What is known of every message that was taken in. */
export interface MessageInfo {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  /** The sender's credential; for members as of the message's epoch. */
  readonly credential: Credential | undefined;
  /** Sent in the clear, but authenticated. */
  readonly authenticatedData: Uint8Array;
}

/** A proposal that was taken in. */
export interface ProcessedProposal extends MessageInfo {
  readonly kind: "proposal";
  readonly proposal: QueuedProposal & { readonly reference: Uint8Array };
  /**
   * Proposals of members are kept at once. One from outside is kept when the application says so, with
   * `storePendingProposal` (RFC 9420 §12.1.8).
   */
  readonly stored: boolean;
}

/** What a message turned out to be. */
export type ProcessedMessage =
  | (MessageInfo & { readonly kind: "application"; readonly data: Uint8Array; readonly generation: number })
  | ProcessedProposal
  | (MessageInfo & { readonly kind: "commit"; readonly stagedCommit: StagedCommit })
  | (MessageInfo & {
      /** A message of this client, come back from the delivery service. */
      readonly kind: "ownEcho";
      /** Whether it is the pending commit: the delivery service accepted it, so it may be merged. */
      readonly pendingCommit: boolean;
    })
  | {
      /** A message of a feature's wire format. */
      readonly kind: "feature";
      readonly feature: string;
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      /** Leaf index. */
      readonly sender: number;
      readonly value: unknown;
    };

/** What an observer makes of a message. */
export type ProcessedPublicMessage =
  ProcessedProposal | (MessageInfo & { readonly kind: "commit"; readonly stagedCommit: StagedCommit });
