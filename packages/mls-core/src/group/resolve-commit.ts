import { bytesToKey, MlsError } from "@openmls-ts/traits";
import { type Commit, type Sender } from "../wire/index.ts";
import { type ProposalList, proposalList, type QueuedProposal } from "../proposal/index.ts";
import { ProposalOrRefType } from "../registry.ts";

/**
 * Looks up the proposals that a commit names (RFC 9420 §12.4).
 * @throws MlsError `ERR_MLS_MISSING_PROPOSAL` with `details.references`, `ERR_MLS_LIMIT`
 */
export function resolveProposals(
  commit: Commit,
  sender: Sender,
  stored: readonly QueuedProposal[],
  maxProposals: number,
): ProposalList {
  if (commit.proposals.length > maxProposals) {
    throw new MlsError("ERR_MLS_LIMIT", `${commit.proposals.length} proposals in one commit`);
  }
  const byReference = new Map(
    stored.map((queued) => [queued.reference === undefined ? "" : bytesToKey(queued.reference), queued]),
  );
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
  return proposalList(all);
}
