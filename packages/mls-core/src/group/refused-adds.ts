import { isMlsError, MlsError, wipe } from "@openmls-ts/traits";
import { lookUpPskSecret } from "../commit/index.ts";
import {
  applyProposals,
  checkMembersSupport,
  type ListToApply,
  type ProposalList,
  proposalList,
  type QueuedProposal,
  validateGroupContextExtensions,
} from "../proposal/index.ts";
import { ProposalType } from "../registry.ts";

/** Why one key package cannot be added. */
export interface RefusedKeyPackage {
  /** Its place among those that the commit was to add by value. */
  readonly index: number;
  readonly code: MlsError["code"];
  readonly rule: string | undefined;
  readonly message: string;
}

/** Judges the proposals of a commit one by one, as if the unusable ones were left out. */
async function judge(to: Omit<ListToApply, "refuse">): Promise<Map<QueuedProposal, MlsError>> {
  const { env, list, groupContext, tree } = to;
  const refused = new Map<QueuedProposal, MlsError>();
  for (const queued of list.all) {
    const { proposal } = queued;
    try {
      if (proposal.proposalType === ProposalType.psk) {
        wipe(await lookUpPskSecret(env, [proposal.psk]));
      } else if (proposal.proposalType === ProposalType.groupContextExtensions) {
        await validateGroupContextExtensions(env, groupContext, proposal.extensions);
        checkMembersSupport(tree, proposal.extensions);
      }
    } catch (error) {
      if (!(error instanceof MlsError) || isMlsError(error, "ERR_MLS_STORAGE")) {
        throw error;
      }
      refused.set(queued, error);
    }
  }
  if (refused.size === 0) {
    await applyProposals({ ...to, refuse: (queued, error) => refused.set(queued, error) });
  }
  return refused;
}

/**
 * After a commit failed: its list without the received proposals that made it fail, which no member can be forced to
 * commit (RFC 9420 §12.4).
 * @throws what the commit failed with, if it was not for them; with all unusable key packages of the caller as
 *   `details.refused` (trap55)
 */
export async function withoutRefused(to: Omit<ListToApply, "refuse">, error: unknown): Promise<ProposalList> {
  if (!(error instanceof MlsError)) {
    throw error;
  }
  const { all, adds } = to.list;
  const unusable = await judge(to);
  const usable = all.filter((queued) => queued.reference === undefined || !unusable.has(queued));
  if (usable.length < all.length) {
    return proposalList(usable);
  }
  const refused = adds
    .filter(({ reference }) => reference === undefined)
    .flatMap((queued, index): RefusedKeyPackage[] => {
      const { code, rule, message } = unusable.get(queued) ?? {};
      return code === undefined || message === undefined ? [] : [{ index, code, rule, message }];
    });
  if (refused.length === 0) {
    throw error;
  }
  const { code, message, rule, details } = error;
  throw new MlsError(code, message, {
    cause: error,
    ...(rule === undefined ? {} : { rule }),
    details: { ...details, refused },
  });
}
