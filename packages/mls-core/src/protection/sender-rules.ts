import { violation } from "@openmls-ts/traits";
import { ContentType, ProposalType, SenderType } from "../registry.ts";
import { type FramedContent } from "../wire/index.ts";

// RFC 9420 §17.4, column "External"
const EXTERNAL: ReadonlySet<number> = new Set([
  ProposalType.add,
  ProposalType.remove,
  ProposalType.psk,
  ProposalType.reinit,
  ProposalType.groupContextExtensions,
]);

/**
 * What each type of sender may say at all (RFC 9420 §6.1).
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1501 to valn1504, valn0408
 */
export function checkSenderContent(content: FramedContent): void {
  const { senderType } = content.sender;
  const isProposal = content.contentType === ContentType.proposal;
  switch (senderType) {
    case SenderType.member:
      return;
    case SenderType.external:
      if (!isProposal) {
        throw violation("valn1501", "an external sender sends proposals only");
      }
      if (!EXTERNAL.has(content.proposal.proposalType)) {
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
