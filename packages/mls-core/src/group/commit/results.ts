import { booleanArgument, deepCopy, optionsArgument } from "@openmls-ts/traits";
import type { CommitSummary } from "../../epoch/index.ts";
import { extensionsArgument } from "../../feature/index.ts";
import type { LeftOut } from "../../plan/index.ts";
import type { MergedCommit, WriteOptions } from "../../store/index.ts";
import type { WorkOptions } from "../../work.ts";
import type { Extension } from "../../wire/index.ts";

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
export interface CommitOptions extends WorkOptions, WriteOptions<CommitResult> {
  /** Sent in the clear, authenticated (RFC 9420 §6). Default: empty. */
  readonly authenticatedData?: Uint8Array;
  /** Also makes a GroupInfo that lets others join by external commit, of what is chosen. Default: no. */
  readonly groupInfo?: boolean | Partial<GroupInfoChoices>;
}

/** What a GroupInfo holds beside the state. */
export interface GroupInfoChoices {
  readonly ratchetTree: boolean;
  readonly externalPub: boolean;
  /** Of any type that belongs there; nobody needs to support it, and who does not ignores it (RFC 9420 §13.4). */
  readonly extensions: readonly Extension[];
}

/** Choices that were looked at, as they are now. @throws MlsError `ERR_MLS_USAGE` */
export function groupInfoArgument(
  name: string,
  value: Partial<GroupInfoChoices> | undefined,
): Partial<GroupInfoChoices> {
  const { extensions, ...switches } = optionsArgument<Partial<GroupInfoChoices>>(name, value, [
    "ratchetTree",
    "externalPub",
    "extensions",
  ]);
  for (const [key, on] of Object.entries(switches)) {
    booleanArgument(key, on);
  }
  return extensions === undefined
    ? switches
    : { ...switches, extensions: extensionsArgument("extensions", extensions) };
}

/** What a merge hands out, as copies. */
export function released({ welcome, welcomed, groupInfo }: MergedCommit): MergedCommit {
  return deepCopy({ welcome, welcomed, groupInfo });
}
