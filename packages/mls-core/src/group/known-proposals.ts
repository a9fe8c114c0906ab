import { bytesToKey, equalBytes, MlsError } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import {
  type GroupRecords,
  encodeKnownProposal,
  indexId,
  type KnownProposal,
  type PublicState,
} from "../store/index.ts";
import type { Commit, QueuedProposal, Sender } from "../wire/index.ts";
import { ProposalOrRefType } from "../registry.ts";
import type { Transaction } from "./handle.ts";

interface Room {
  readonly env: Environment;
  readonly records: GroupRecords;
}

/**
 * Keeps a proposal until the epoch ends: known to commits that name it, and wanted by our next one.
 * @param message the MLSMessage that carried it; without one it is ours, and for our next commit alone
 * @throws MlsError `ERR_MLS_LIMIT`
 */
export function keepProposal<S extends PublicState>(
  { env, records }: Room,
  { proposals }: S,
  { batch, commit }: Transaction<S>,
  queued: QueuedProposal & { readonly reference: Uint8Array },
  message: Uint8Array | undefined,
): void {
  if (proposals.some(({ reference }) => equalBytes(reference, queued.reference))) {
    return;
  }
  const { maxStoredProposals, maxStoredProposalBytes } = env.limits;
  const entry = env.features.proposals.get(queued.proposal.proposalType);
  const last = proposals.length === 0 ? -1 : proposals[proposals.length - 1]!.ordinal;
  const known: Omit<KnownProposal, "size"> = {
    ...queued,
    ordinal: last + 1,
    wanted: true,
    byValue: message === undefined,
    message: entry?.places.externalReference === true ? message : undefined,
  };
  const record = encodeKnownProposal(known);
  const stored = proposals.reduce((sum, { size }) => sum + size, record.length);
  if (proposals.length >= maxStoredProposals || stored > maxStoredProposalBytes) {
    throw new MlsError("ERR_MLS_LIMIT", "too many proposals in one epoch, or too long ones");
  }
  batch.put(records.record("proposal", indexId(known.ordinal), record));
  commit({ proposals: [...proposals, { ...known, size: record.length }] } as unknown as Partial<S>);
}

/**
 * Whether our next commit takes a proposal in; it stays known, unless it was never sent. @returns whether there is one of
 * that reference
 */
export function wantProposal<S extends PublicState>(
  room: Room,
  state: S,
  transaction: Transaction<S>,
  reference: Uint8Array,
  wanted: boolean,
): boolean {
  return want(room, state, transaction, wanted, (known) => equalBytes(known.reference, reference)) > 0;
}

/** Takes all proposals out of our next commit. @returns how many it would have taken in */
export function clearProposals<S extends PublicState>(
  room: Room,
  state: S,
  transaction: Transaction<S>,
): number {
  return want(room, state, transaction, false, (known) => known.wanted);
}

function want<S extends PublicState>(
  { records }: Room,
  { proposals }: S,
  { batch, commit }: Transaction<S>,
  wanted: boolean,
  isMeant: (known: KnownProposal) => boolean,
): number {
  const meant = proposals.filter(isMeant);
  const changing = new Set(meant.filter((known) => known.wanted !== wanted));
  const next = proposals.flatMap((known) => {
    if (!changing.has(known)) {
      return [known];
    }
    const id = indexId(known.ordinal);
    if (known.byValue) {
      batch.delete(records.key("proposal", id));
      return [];
    }
    const changed = { ...known, wanted };
    batch.put(records.record("proposal", id, encodeKnownProposal(changed)));
    return [changed];
  });
  if (changing.size > 0) {
    commit({ proposals: next } as unknown as Partial<S>);
  }
  return meant.length;
}

/**
 * Looks up the proposals that a commit names (RFC 9420 §12.4).
 * @throws MlsError `ERR_MLS_MISSING_PROPOSAL` with `details.references`
 */
export function resolveProposals(
  commit: Commit,
  sender: Sender,
  known: readonly KnownProposal[],
): QueuedProposal[] {
  const sent = known.filter(({ byValue }) => !byValue); // RFC 9420 §12.4
  const byReference = new Map(sent.map((queued) => [bytesToKey(queued.reference), queued]));
  const missing: Uint8Array[] = [];
  const all: QueuedProposal[] = [];
  for (const entry of commit.proposals) {
    if (entry.type === ProposalOrRefType.proposal) {
      all.push({ proposal: entry.proposal, sender, reference: undefined });
      continue;
    }
    const found = byReference.get(bytesToKey(entry.reference));
    if (found === undefined) {
      missing.push(entry.reference);
    } else {
      all.push({ proposal: found.proposal, sender: found.sender, reference: found.reference });
    }
  }
  if (missing.length > 0) {
    throw new MlsError("ERR_MLS_MISSING_PROPOSAL", `${missing.length} proposals not received yet`, {
      rule: "rfc82",
      details: { references: missing },
    });
  }
  return all;
}
