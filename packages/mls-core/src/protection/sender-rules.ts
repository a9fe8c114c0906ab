import { violation } from "@openmls-ts/traits";
import { ContentType, ProposalType, SenderType } from "../registry.ts";
import { DEFAULT_PROPOSALS, type FramedContent } from "../wire/index.ts";

/** Whether external senders may send a type of proposal. */
export type ExternalProposals = (proposalType: number) => boolean;

/** The RFC's own types (RFC 9420 §17.4). */
export const rfcExternalProposals: ExternalProposals = (proposalType) =>
  DEFAULT_PROPOSALS.some(({ type, places }) => type === proposalType && places.externalSender);

/**
 * What each type of sender may say at all (RFC 9420 §6.1).
 * @param external which proposals external senders may send
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1501 to valn1504, valn0408
 */
export function checkSenderContent(
  content: FramedContent,
  external: ExternalProposals = rfcExternalProposals,
): void {
  const { senderType } = content.sender;
  const isProposal = content.contentType === ContentType.proposal;
  switch (senderType) {
    case SenderType.member:
      return;
    case SenderType.external:
      if (!isProposal) {
        throw violation("valn1501", "an external sender sends proposals only");
      }
      if (!external(content.proposal.proposalType)) {
        throw violation(
          "valn1502",
          `an external sender may not propose type ${content.proposal.proposalType}`,
        );
      }
      return;
    case SenderType.newMemberProposal:
      if (!isProposal) {
        throw violation("valn1503", "a new member's proposal is no proposal");
      }
      if (content.proposal.proposalType !== ProposalType.add) {
        throw violation("valn1504", "a new member proposes nothing but its own Add");
      }
      return;
    case SenderType.newMemberCommit:
      if (content.contentType !== ContentType.commit) {
        throw violation("valn0408", "a new member's commit is no commit");
      }
  }
}
