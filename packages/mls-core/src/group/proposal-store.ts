import { bytesToKey, equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { type Codec, encode, opaque, struct } from "../codec/index.ts";
import type { PublicEpoch } from "../commit/index.ts";
import type { Environment } from "../environment.ts";
import { type Proposal, proposal, type Sender, sender } from "../wire/index.ts";
import {
  type ProposalContext,
  type QueuedProposal,
  validateAdd,
  validateGroupContextExtensions,
  validatePsk,
  validateReInit,
  validateRemove,
  validateUpdate,
} from "../proposal/index.ts";
import { LeafNodeSource, ProposalType, SenderType } from "../registry.ts";
import { isWithinLifetime } from "../tree/leaf-validation.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Batch } from "./batch.ts";
import type { GroupState, StoredProposal } from "./group-state.ts";
import { decodeRecord, indexId } from "./records.ts";

interface StoredForm {
  readonly sender: Sender;
  readonly proposal: Proposal;
  readonly reference: Uint8Array;
}

const storedForm: Codec<StoredForm> = struct<StoredForm>({ sender, proposal, reference: opaque });

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeStoredProposal(ordinal: number, record: Uint8Array): StoredProposal {
  return { ...decodeRecord(storedForm, record), ordinal };
}

/** A queued proposal as part of another record. */
export const queuedProposal: Codec<QueuedProposal> = {
  size: (value) => storedForm.size(fill(value)),
  write: (writer, value) => storedForm.write(writer, fill(value)),
  read: (reader) => {
    const { reference, ...rest } = storedForm.read(reader);
    return { ...rest, reference: reference.length === 0 ? undefined : reference };
  },
};

function fill(value: QueuedProposal): StoredForm {
  return { ...value, reference: value.reference ?? new Uint8Array() };
}

/**
 * Checks a proposal by itself as it arrives or before it is sent (RFC 9420 §12.1); whether it fits with others shows
 * when it is committed.
 * @throws MlsError
 */
export async function checkProposal(
  state: { readonly env: Environment; readonly epoch: PublicEpoch },
  queued: QueuedProposal,
  sending = false,
): Promise<void> {
  const { env, epoch } = state;
  const { groupContext, tree } = epoch;
  const context: ProposalContext = { env, tree, groupContext, extensions: groupContext.extensions, sending };
  const { proposal: proposed, sender: from } = queued;
  switch (proposed.proposalType) {
    case ProposalType.add:
      await validateAdd(context, proposed, false);
      return;
    case ProposalType.update:
      if (from.senderType !== SenderType.member) {
        throw violation("valn0601", "an Update that is not from a member"); // RFC 9420 §12.1.2
      }
      await validateUpdate(context, from.leafIndex, proposed);
      return;
    case ProposalType.remove:
      validateRemove(tree, proposed.removed);
      return;
    case ProposalType.psk:
      validatePsk(context, proposed);
      return;
    case ProposalType.reinit:
      validateReInit(context, proposed);
      return;
    case ProposalType.externalInit:
      throw violation("rfc83", "ExternalInit belongs in an external commit only"); // RFC 9420 §12.1.6
    case ProposalType.groupContextExtensions:
      await validateGroupContextExtensions(env, groupContext, proposed.extensions);
  }
}

/**
 * Adds a proposal to the write of an operation.
 * @returns puts it into memory, for after the write
 * @throws MlsError `ERR_MLS_LIMIT`
 */
export function addProposal(
  state: GroupState,
  batch: Batch,
  queued: QueuedProposal & { readonly reference: Uint8Array },
): () => void {
  if (state.proposals.some(({ reference }) => equalBytes(reference, queued.reference))) {
    return () => undefined;
  }
  if (state.proposals.length >= state.env.limits.maxStoredProposals) {
    throw new MlsError(
      "ERR_MLS_LIMIT",
      `more than ${state.env.limits.maxStoredProposals} proposals in one epoch`,
    );
  }
  const ordinal = (state.proposals.at(-1)?.ordinal ?? -1) + 1;
  const stored: StoredProposal = { ...queued, ordinal };
  batch.put(state.records.record("proposal", indexId(ordinal), encode(storedForm, stored)));
  return () => {
    state.proposals = [...state.proposals, stored];
  };
}

/**
 * The stored proposals that a commit of ours can carry together (RFC 9420 §12.2, 12.4): a Remove before an Update of
 * the same leaf, the newest of several Updates, each client and PSK once, a ReInit only when it stands alone.
 */
export function selectProposals(
  stored: readonly QueuedProposal[],
  inline: readonly QueuedProposal[],
  tree: RatchetTree,
  ownLeaf: number,
  now: bigint,
): QueuedProposal[] {
  const removed = new Set<number>();
  for (const { proposal: proposed } of [...stored, ...inline]) {
    if (proposed.proposalType === ProposalType.remove && proposed.removed !== ownLeaf) {
      removed.add(proposed.removed);
    }
  }
  const seen = new Set<string>();
  const once = (key: string): boolean => {
    const fresh = !seen.has(key);
    seen.add(key);
    return fresh;
  };
  const isMember = (signatureKey: Uint8Array): boolean => {
    const leaf = tree.leafBySignatureKey(signatureKey);
    return leaf !== undefined && !removed.has(leaf);
  };
  const fits = ({ proposal: proposed, sender: from }: QueuedProposal): boolean => {
    switch (proposed.proposalType) {
      case ProposalType.add: {
        const { leafNode } = proposed.keyPackage;
        const expired =
          leafNode.leafNodeSource !== LeafNodeSource.keyPackage || !isWithinLifetime(leafNode.lifetime, now);
        return (
          !expired && !isMember(leafNode.signatureKey) && once(`add ${bytesToKey(leafNode.signatureKey)}`)
        );
      }
      case ProposalType.update: {
        const leaf = from.senderType === SenderType.member ? from.leafIndex : ownLeaf;
        return leaf !== ownLeaf && !removed.has(leaf) && once(`update ${leaf}`);
      }
      case ProposalType.remove:
        return proposed.removed !== ownLeaf && once(`remove ${proposed.removed}`);
      case ProposalType.psk:
        return once(`psk ${bytesToKey(encode(proposal, proposed))}`);
      case ProposalType.groupContextExtensions:
        return once("groupContextExtensions");
      default:
        return true;
    }
  };
  // What the caller asks for now goes before what was received; of the latter the newest first.
  const chosenInline = inline.filter(
    (queued) => queued.proposal.proposalType !== ProposalType.update && fits(queued),
  );
  const asksReInit = inline.some(({ proposal: { proposalType } }) => proposalType === ProposalType.reinit);
  if (chosenInline.length < inline.length || (asksReInit && inline.length > 1)) {
    return [...inline]; // the caller's own choice does not fit: list validation says why
  }
  const chosenStored = [...stored].reverse().filter(fits).reverse();
  const all = [...chosenStored, ...chosenInline];
  const others = all.filter(({ proposal: proposed }) => proposed.proposalType !== ProposalType.reinit);
  const reinits = all.filter(({ proposal: proposed }) => proposed.proposalType === ProposalType.reinit);
  return others.length > 0 ? others : reinits.slice(-1);
}
