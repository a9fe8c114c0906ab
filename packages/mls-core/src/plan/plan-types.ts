import type { MlsError } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import type { ResumptionPskUsage } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type {
  Extension,
  GroupContext,
  KeyPackageStruct,
  LeafNode,
  PlanSide,
  PreSharedKeyId,
  QueuedProposal,
  ReInit,
} from "../wire/index.ts";

/** The state that a commit starts from. */
export interface PlanBase {
  readonly groupContext: GroupContext;
  readonly tree: RatchetTree;
}

/** One commit to be planned. */
export interface PlanInput {
  readonly env: Environment;
  readonly old: PlanBase;
  /** In the order of the commit. */
  readonly proposals: readonly QueuedProposal[];
  /** The committer's leaf index, or `external` for a joiner (RFC 9420 §12.4.3.2). */
  readonly committer: number | "external";
  readonly side: PlanSide;
  /** The usage of resumption PSK allowed beside `application`, in the first commit of a linked group. */
  readonly pskUsage?: ResumptionPskUsage | undefined;
  /** Looks a PSK up; a member's alone. @throws MlsError `ERR_MLS_MISSING_PSK` */
  readonly findPsk?: (id: PreSharedKeyId) => Promise<void>;
}

/** A leaf that a commit adds, updates or removes. */
export interface AffectedMember {
  readonly leafIndex: number;
  readonly leafNode: LeafNode;
  /** Of a basic credential. */
  readonly identity: Uint8Array | undefined;
}

/** A member who goes, by whom and why. */
export interface RemovedMember extends AffectedMember {
  /** Whether it was the member's own wish. */
  readonly left: boolean;
  readonly by: QueuedProposal;
}

/** What a feature leaves for the application, delivered when the commit is merged. */
export interface CommitEffect {
  readonly name: string;
  readonly value: Uint8Array;
}

/** A received proposal that a commit of ours could not take in, or one of its own that a received one stands for. */
export interface LeftOut {
  readonly proposal: QueuedProposal;
  /** What taking it in would have violated. */
  readonly reason: MlsError;
}

/** A commit's proposals, judged and applied to a fork. */
export interface CommitPlan {
  readonly proposals: readonly QueuedProposal[];
  readonly leftOut: readonly LeftOut[];
  /** The tree with the proposals applied and without the path. */
  readonly tree: RatchetTree;
  /** The GroupContext extensions of the next epoch. */
  readonly extensions: readonly Extension[];
  /** The committer's leaf in that tree; for an external commit the leftmost blank one. */
  readonly committer: number;
  readonly external: boolean;
  /** In the order of their Adds. */
  readonly added: readonly (AffectedMember & { readonly keyPackage: KeyPackageStruct })[];
  readonly updated: readonly AffectedMember[];
  readonly removed: readonly RemovedMember[];
  /** In the order of the commit (RFC 9420 §8.4). */
  readonly psks: readonly PreSharedKeyId[];
  readonly reinit: ReInit | undefined;
  /** Of an external commit (RFC 9420 §8.3). */
  readonly kemOutput: Uint8Array | undefined;
  readonly pathRequired: boolean;
  readonly effects: readonly CommitEffect[];
}
