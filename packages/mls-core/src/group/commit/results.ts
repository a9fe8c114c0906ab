import { deepCopy } from "@openmls-ts/traits";
import type { CommitSummary } from "../../epoch/index.ts";
import type { LeftOut } from "../../plan/index.ts";
import type { MergedCommit, WriteOptions } from "../../store/index.ts";

/** A commit of ours, to be sent, and merged once the delivery service accepted it. */
export interface CommitResult {
  /** The MLSMessage for the members. */
  readonly commit: Uint8Array;
  /** What it does. */
  readonly summary: CommitSummary;
  /** The pending proposals that it could not take in, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

/** A pending commit with all that goes with it. */
export interface CommitBundle extends MergedCommit {
  readonly commit: Uint8Array;
}

/** What may be chosen about any commit. */
export interface CommitOptions extends WriteOptions<CommitResult> {
  /** Sent in the clear, authenticated (RFC 9420 §6). Default: empty. */
  readonly authenticatedData?: Uint8Array;
  /** Also makes a GroupInfo that lets others join by external commit. Default: no. */
  readonly groupInfo?: boolean;
}

/** What a GroupInfo holds beside the state. */
export interface GroupInfoChoices {
  readonly ratchetTree: boolean;
  readonly externalPub: boolean;
}

/** What a merge hands out, as copies. */
export function released({ welcome, welcomed, groupInfo }: MergedCommit): MergedCommit {
  return deepCopy({ welcome, welcomed, groupInfo });
}
