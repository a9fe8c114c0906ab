import { isMlsError, type MlsError, violation } from "@openmls-ts/traits";
import type { Environment } from "../environment.ts";
import { type Extension, type GroupContext, type LeafNode } from "../wire/index.ts";
import type { ResumptionPskUsage } from "../registry.ts";
import { SenderType } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import {
  checkExternalList,
  checkRegularList,
  type ProposalList,
  type QueuedProposal,
} from "./proposal-list.ts";
import {
  checkMembersSupport,
  type ProposalContext,
  validateAdd,
  validateGroupContextExtensions,
  validatePsk,
  validateReInit,
  validateUpdate,
} from "./validate-proposal.ts";

/** What a valid list of proposals did to a tree. */
export interface AppliedProposals {
  /** The GroupContext extensions of the new epoch. */
  readonly extensions: readonly Extension[];
  /** The new members in the order of their Adds. */
  readonly added: readonly {
    readonly leafIndex: number;
    readonly initKey: Uint8Array;
    readonly leafNode: LeafNode;
  }[];
  readonly removed: readonly { readonly leafIndex: number; readonly leafNode: LeafNode }[];
  readonly updated: readonly { readonly leafIndex: number; readonly leafNode: LeafNode }[];
}

/** A list and the state it applies to. */
export interface ListToApply {
  readonly env: Environment;
  /** A fork that becomes the new tree; not usable after a failure. */
  readonly tree: RatchetTree;
  readonly groupContext: GroupContext;
  readonly list: ProposalList;
  /** The committer's leaf, or `external` for a joiner. */
  readonly committer: number | "external";
  /** The usage of resumption PSK allowed beside `application`, in the first commit of a linked group. */
  readonly pskUsage?: ResumptionPskUsage | undefined;
  /** Whether the commit is our own. */
  readonly sending?: boolean;
  /**
   * Told of each proposal that is invalid by itself, which is then passed over; how they fit together is not judged.
   * Default: the first one ends the work with its error.
   */
  readonly refuse?: (queued: QueuedProposal, error: MlsError) => void;
}

/**
 * Validates a list of proposals and applies it to the tree in the order of RFC 9420 §12.3. The rules about leaves
 * see the tree as the earlier steps left it.
 * @throws MlsError
 */
export async function applyProposals(to: ListToApply): Promise<AppliedProposals> {
  const { env, tree, groupContext, list, committer } = to;
  if (committer === "external") {
    checkExternalList(list);
  } else if (to.refuse === undefined) {
    checkRegularList(list, committer);
  }
  const extensions = list.groupContextExtensions?.extensions ?? groupContext.extensions;
  const context: ProposalContext = { env, tree, groupContext, extensions, sending: to.sending ?? false };
  const attempt = async (queued: QueuedProposal, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (to.refuse === undefined || !isMlsError(error)) {
        throw error;
      }
      to.refuse(queued, error);
    }
  };
  for (const queued of list.psks) {
    await attempt(queued, async () => validatePsk(context, queued.proposal, to.pskUsage));
  }
  if (list.reinit !== undefined) {
    validateReInit(context, list.reinit);
  }
  if (list.groupContextExtensions !== undefined) {
    await validateGroupContextExtensions(env, groupContext, extensions);
  }

  const updated: { leafIndex: number; leafNode: LeafNode }[] = [];
  for (const queued of list.updates) {
    const { sender, proposal } = queued;
    await attempt(queued, async () => {
      const leafIndex = sender.senderType === SenderType.member ? sender.leafIndex : -1; // refused as a blank leaf
      await validateUpdate(context, leafIndex, proposal);
      tree.updateLeaf(leafIndex, proposal.leafNode);
      updated.push({ leafIndex, leafNode: proposal.leafNode });
    });
  }
  const removed: { leafIndex: number; leafNode: LeafNode }[] = [];
  for (const queued of list.removes) {
    const leafIndex = queued.proposal.removed;
    const leafNode = tree.leaf(leafIndex);
    await attempt(queued, async () => {
      tree.removeLeaf(leafIndex); // refuses a blank leaf
      removed.push({ leafIndex, leafNode: leafNode! });
    });
  }
  const added: { leafIndex: number; initKey: Uint8Array; leafNode: LeafNode }[] = [];
  for (const queued of list.adds) {
    const { initKey, leafNode } = queued.proposal.keyPackage;
    await attempt(queued, async () => {
      if (tree.leafBySignatureKey(leafNode.signatureKey) !== undefined) {
        throw violation("valn0306", "an Add of a client that is already a member"); // RFC 9420 §12.2
      }
      await validateAdd(context, queued.proposal);
      added.push({ leafIndex: tree.addLeaf(leafNode), initKey, leafNode });
    });
  }
  if (list.groupContextExtensions !== undefined) {
    checkMembersSupport(tree, extensions);
  }
  return { extensions, added, removed, updated };
}
