import { bytesToKey, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import {
  type Add,
  type ExternalInit,
  type GroupContextExtensions,
  type PreSharedKey,
  preSharedKeyId,
  type Proposal,
  type ReInit,
  type Remove,
  type Sender,
  type Update,
} from "../wire/index.ts";
import { ProposalType, SenderType } from "../registry.ts";

/** A proposal with what is known about where it came from. */
export interface QueuedProposal<P extends Proposal = Proposal> {
  readonly proposal: P;
  readonly sender: Sender;
  /** The ProposalRef when it came in a message of its own; `undefined` when a commit holds it by value. */
  readonly reference: Uint8Array | undefined;
}

/** The proposals of one commit by type, each in the order of the commit. */
export interface ProposalList {
  readonly all: readonly QueuedProposal[];
  readonly adds: readonly QueuedProposal<Add>[];
  readonly updates: readonly QueuedProposal<Update>[];
  readonly removes: readonly QueuedProposal<Remove>[];
  readonly psks: readonly QueuedProposal<PreSharedKey>[];
  readonly reinit: ReInit | undefined;
  readonly externalInit: ExternalInit | undefined;
  readonly groupContextExtensions: GroupContextExtensions | undefined;
}

function ofType<P extends Proposal>(
  all: readonly QueuedProposal[],
  type: P["proposalType"],
): QueuedProposal<P>[] {
  return all.filter((queued): queued is QueuedProposal<P> => queued.proposal.proposalType === type);
}

/** Sorts a commit's proposals by type. */
export function proposalList(all: readonly QueuedProposal[]): ProposalList {
  return {
    all,
    adds: ofType<Add>(all, ProposalType.add),
    updates: ofType<Update>(all, ProposalType.update),
    removes: ofType<Remove>(all, ProposalType.remove),
    psks: ofType<PreSharedKey>(all, ProposalType.psk),
    reinit: ofType<ReInit>(all, ProposalType.reinit)[0]?.proposal,
    externalInit: ofType<ExternalInit>(all, ProposalType.externalInit)[0]?.proposal,
    groupContextExtensions: ofType<GroupContextExtensions>(all, ProposalType.groupContextExtensions)[0]
      ?.proposal,
  };
}

// RFC 9420 §12.4: the types that do not require a path
const PATH_FREE: readonly number[] = [ProposalType.add, ProposalType.psk, ProposalType.reinit];

/** Whether a commit of these proposals must have a path (RFC 9420 §12.4). */
export function pathRequired(list: ProposalList): boolean {
  return list.all.length === 0 || list.all.some(({ proposal }) => !PATH_FREE.includes(proposal.proposalType));
}

/** The leaf that an Update or Remove applies to. */
function targetLeaf({
  proposal,
  sender,
}: QueuedProposal<Update> | QueuedProposal<Remove>): number | undefined {
  if (proposal.proposalType === ProposalType.remove) {
    return proposal.removed;
  }
  return sender.senderType === SenderType.member ? sender.leafIndex : undefined;
}

function checkPskIds(list: ProposalList): void {
  const seen = new Set(list.psks.map(({ proposal }) => bytesToKey(encode(preSharedKeyId, proposal.psk))));
  if (seen.size !== list.psks.length) {
    throw violation("valn0307", "a PSK occurs twice"); // RFC 9420 §12.2
  }
}

/**
 * The rules about which proposals may stand together in a member's commit (RFC 9420 §12.2).
 * @throws MlsError `ERR_MLS_VALIDATION`
 */
export function checkRegularList(list: ProposalList, committer: number): void {
  if (list.externalInit !== undefined) {
    throw violation("valn0310", "ExternalInit in a member's commit"); // RFC 9420 §12.2
  }
  if (list.reinit !== undefined && list.all.length > 1) {
    throw violation("valn0309", "ReInit together with other proposals"); // RFC 9420 §12.2
  }
  if (list.all.filter((q) => q.proposal.proposalType === ProposalType.groupContextExtensions).length > 1) {
    throw violation("valn0308", "more than one GroupContextExtensions"); // RFC 9420 §12.2
  }
  const targets = new Set<number>();
  for (const queued of [...list.updates, ...list.removes]) {
    const target = targetLeaf(queued);
    const isUpdate = queued.proposal.proposalType === ProposalType.update;
    if (target === undefined) {
      throw violation("valn0601", "an Update that is not from a member"); // RFC 9420 §12.1.2
    }
    if (target === committer) {
      throw isUpdate
        ? violation("valn0302", "an Update by the committer") // RFC 9420 §12.2
        : violation("valn0303", "a Remove of the committer"); // RFC 9420 §12.2
    }
    if (targets.has(target)) {
      throw violation("valn0304", `several Updates or Removes of leaf ${target}`); // RFC 9420 §12.2
    }
    targets.add(target);
  }
  const clients = new Set(
    list.adds.map(({ proposal }) => bytesToKey(proposal.keyPackage.leafNode.signatureKey)),
  );
  if (clients.size !== list.adds.length) {
    throw violation("valn0305", "two Adds of one client"); // RFC 9420 §12.2
  }
  checkPskIds(list);
}

/**
 * The rules about an external commit's proposals (RFC 9420 §12.2, 12.4.3.2).
 * @throws MlsError `ERR_MLS_VALIDATION`
 */
export function checkExternalList(list: ProposalList): void {
  if (list.all.some(({ reference }) => reference !== undefined)) {
    throw violation("valn0406", "a reference in an external commit"); // RFC 9420 §12.4.3.2
  }
  if (list.all.filter((q) => q.proposal.proposalType === ProposalType.externalInit).length !== 1) {
    throw violation("valn0401", "not exactly one ExternalInit"); // RFC 9420 §12.2
  }
  if (list.removes.length > 1) {
    throw violation("valn0402", "an external commit removes at most one leaf"); // RFC 9420 §12.2
  }
  if (1 + list.removes.length + list.psks.length !== list.all.length) {
    throw violation("valn0404", "not a proposal for an external commit"); // RFC 9420 §12.2
  }
  checkPskIds(list);
}
