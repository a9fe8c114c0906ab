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
 * @param message the MLSMessage that carried it
 * @throws MlsError `ERR_MLS_LIMIT`
 */
export function keepProposal<S extends PublicState>(
  { env, records }: Room,
  { proposals }: S,
  { batch, commit }: Transaction<S>,
  queued: QueuedProposal & { readonly reference: Uint8Array },
  message: Uint8Array,
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

/** Whether our next commit takes a proposal in; it stays known. @returns whether there is one of that reference */
export function wantProposal<S extends PublicState>(
  { records }: Room,
  { proposals }: S,
  { batch, commit }: Transaction<S>,
  reference: Uint8Array,
  wanted: boolean,
): boolean {
  const found = proposals.find((known) => equalBytes(known.reference, reference));
  if (found === undefined) {
    return false;
  }
  if (found.wanted !== wanted) {
    const changed = { ...found, wanted };
    batch.put(records.record("proposal", indexId(found.ordinal), encodeKnownProposal(changed)));
    commit({
      proposals: proposals.map((known) => (known === found ? changed : known)),
    } as unknown as Partial<S>);
  }
  return true;
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
  const byReference = new Map(known.map((queued) => [bytesToKey(queued.reference), queued]));
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
