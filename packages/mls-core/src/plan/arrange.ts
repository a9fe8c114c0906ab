import { type MlsError, violation } from "@openmls-ts/traits";
import { ProposalType } from "../registry.ts";
import type { Claim, Plan, ProposalEntry, QueuedProposal } from "../wire/index.ts";
import type { FeatureSet } from "../feature/index.ts";

/** The entry of a proposal's type. @throws MlsError `ERR_MLS_VALIDATION` rule valn0311 for one that no feature brings */
export function entryOf(features: FeatureSet, { proposal }: Pick<QueuedProposal, "proposal">): ProposalEntry {
  const entry = features.proposals.get(proposal.proposalType);
  if (entry === undefined) {
    throw violation("valn0311", `proposal type ${proposal.proposalType} is of no feature of this provider`, {
      details: { proposalType: proposal.proposalType },
    });
  }
  return entry;
}

/** Whether proposals of a type are messages of their own (RFC 9420 §12.1.6). @throws MlsError `ERR_MLS_VALIDATION` */
export function checkStandsByItself({ places, name, type }: ProposalEntry): void {
  if (!places.reference) {
    const rule = type === ProposalType.externalInit ? "rfc83" : "valn0301";
    throw violation(rule, `${name} is no proposal of its own`);
  }
}

/** Where a type may stand (RFC 9420 §12.2, 12.4.3.2). @throws MlsError `ERR_MLS_VALIDATION` */
export function checkPlace(
  { places, name, type }: ProposalEntry,
  queued: QueuedProposal,
  external: boolean,
): void {
  const byReference = queued.reference !== undefined;
  if (external) {
    if (byReference ? !places.externalReference : !places.externalValue) {
      // RFC 9420 §12.4.3.2, 12.2
      throw violation(byReference ? "valn0406" : "valn0404", `${name} in an external commit`);
    }
  } else if (byReference ? !places.reference : !places.value) {
    const rule = type === ProposalType.externalInit ? "valn0310" : "valn0301";
    throw violation(rule, `${name} by ${byReference ? "reference" : "value"} in a member's commit`);
  }
}

/**
 * What cannot stand together: the losers with what they violate (RFC 9420 §12.2).
 * @param granted takes the losers whose wish is granted by another proposal
 */
export function conflicts(
  features: FeatureSet,
  plan: Omit<Plan, "proposals"> & { readonly proposals: readonly QueuedProposal[] },
  granted: Set<QueuedProposal>,
): Map<QueuedProposal, MlsError> {
  const { proposals } = plan;
  const losers = new Map<QueuedProposal, MlsError>();
  const isInline = ({ reference }: QueuedProposal): boolean => reference === undefined;
  const standsAlone = (queued: QueuedProposal): boolean => entryOf(features, queued).alone === true;
  const alone = proposals.filter(standsAlone);
  if (alone.length > 0 && proposals.length > 1) {
    // RFC 9420 §12.2: what the caller asks for goes first, else whatever can stand together, else the newest
    const asked = alone.some(isInline);
    const company = asked ? proposals.filter(isInline) : proposals.filter((queued) => !standsAlone(queued));
    const kept = new Set(asked ? company.slice(0, 1) : company.length > 0 ? company : alone.slice(-1));
    for (const queued of proposals) {
      if (!kept.has(queued)) {
        losers.set(queued, violation("valn0309", "a ReInit stands alone in its commit"));
      }
    }
  }
  const claims = proposals
    .map((queued, at) => ({ queued, at, claim: entryOf(features, queued).claims?.(queued, plan) }))
    .filter((entry): entry is typeof entry & { readonly claim: Claim } => entry.claim !== undefined)
    .filter(({ queued }) => !losers.has(queued));
  const rank = ({ queued, claim }: (typeof claims)[number]): number =>
    (isInline(queued) || claim.grants === true ? 1000 : 0) + (claim.rank ?? 0);
  // of what the caller asks for the first stays, of what was received the newest
  const age = (a: (typeof claims)[number], b: (typeof claims)[number]): number =>
    isInline(a.queued) ? a.at - b.at : b.at - a.at;
  claims.sort((a, b) => (rank(b) === rank(a) ? age(a, b) : rank(b) - rank(a)));
  const taken = new Map<string, Claim>();
  for (const { queued, claim } of claims) {
    const keys = [claim.key].flat();
    const winner = keys.map((key) => taken.get(key)).find((found) => found !== undefined);
    if (winner === undefined) {
      keys.forEach((key) => taken.set(key, claim));
      continue;
    }
    if (winner.grants === true) {
      granted.add(queued);
    }
    losers.set(
      queued,
      violation(winner.rule, "another proposal of the commit says the same or the contrary"),
    );
  }
  return losers;
}
