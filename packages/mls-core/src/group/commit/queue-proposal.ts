import { equalBytes, isMlsError } from "@openmls-ts/traits";
import { encode } from "../../codec/index.ts";
import { makeProposalRef } from "../../labels/index.ts";
import { SenderType } from "../../registry.ts";
import type { MemberState } from "../../store/index.ts";
import { proposal as proposalCodec, type QueuedProposal } from "../../wire/index.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { judgeProposals } from "../judge-proposals.ts";
import { keepProposal } from "../known-proposals.ts";
import type { ProposalDraft } from "../send/drafts.ts";
import type { Room } from "../send/frame.ts";
import { proposalByValue } from "./build-commit.ts";

/**
 * Keeps a proposal of ours for our next commit, by value: nobody hears of it before (RFC 9420 §12.4).
 * @returns its reference here, Nh bytes
 * @throws MlsError as the commit would refuse it, `ERR_MLS_LIMIT`
 */
export async function queueProposal(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  draft: ProposalDraft,
): Promise<Uint8Array> {
  requireActive(state);
  const proposal = proposalByValue(room.env, state, draft);
  const sender = { senderType: SenderType.member, leafIndex: state.ownLeaf };
  const reference = makeProposalRef(room.env.suite, encode(proposalCodec, proposal));
  if (!state.proposals.some((known) => equalBytes(known.reference, reference))) {
    await checkCommittable(room, state, { proposal, sender, reference: undefined });
    keepProposal(room, state, transaction, { proposal, sender, reference }, undefined);
  }
  return reference.slice();
}

/** That a commit of ours can hold a proposal, by itself or with what else waits. @throws MlsError */
async function checkCommittable(
  { env }: Room,
  { epoch, ownLeaf, proposals }: MemberState,
  own: QueuedProposal,
): Promise<void> {
  try {
    await judgeProposals(env, epoch, [own], ownLeaf);
  } catch (alone) {
    if (!isMlsError(alone)) throw alone;
    await judgeProposals(env, epoch, [...proposals.filter(({ wanted }) => wanted), own], ownLeaf).catch(
      () => {
        throw alone;
      },
    );
  }
}
