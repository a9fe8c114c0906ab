import { equalBytes, MlsError, type Signer } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { ContentType, SenderType } from "../registry.ts";
import type { PublicState } from "../store/index.ts";
import { externalSendersOf } from "../wire/index.ts";
import { externalProposal, resolveExternal } from "./external-proposal.ts";
import { requireActive } from "./handle.ts";
import { checkProposal } from "./judge-proposals.ts";
import type { ProposalDraft } from "./send/drafts.ts";
import { authenticatedDataFor, checkContent } from "./send/frame.ts";
import type { ProposalResult } from "./send/propose.ts";

/**
 * A proposal of an external sender who follows the group (RFC 9420 §12.1.8), checked as members will.
 * @throws MlsError `ERR_MLS_USAGE` for a key that is none of the group's external senders
 */
export async function proposeFromOutside(
  { env }: { readonly env: Environment },
  state: PublicState,
  signer: Signer,
  draft: ProposalDraft,
  given: Uint8Array,
): Promise<ProposalResult> {
  requireActive(state);
  const { groupContext, tree } = state.epoch;
  const { groupId, epoch, extensions } = groupContext;
  const named = externalSendersOf(extensions) ?? [];
  const senderIndex = named.findIndex(({ signatureKey }) => equalBytes(signatureKey, signer.publicKey));
  if (senderIndex < 0) {
    throw new MlsError("ERR_MLS_USAGE", "the signer is none of the group's external senders");
  }
  const sender = { senderType: SenderType.external, senderIndex } as const;
  const authenticatedData = authenticatedDataFor(env, groupContext, given);
  const target = { groupId, epoch, authenticatedData };
  return externalProposal(env.provider, signer, target, env.suite.id, sender, async () => {
    const proposal = resolveExternal(env, tree, draft);
    checkContent(env, groupContext, { authenticatedData, contentType: ContentType.proposal, proposal });
    await checkProposal(env, state.epoch, proposal, sender);
    return proposal;
  });
}
