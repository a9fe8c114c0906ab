import { type MlsProvider, type Signer } from "@openmls-ts/traits";
import { environmentFor } from "../environment.ts";
import { encodeMlsMessage, type Proposal, type Sender } from "../wire/index.ts";
import { checkSenderContent } from "../protection/sender-rules.ts";
import { signContent } from "../protection/signing.ts";
import type { KeyPackage } from "../key-package/index.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../registry.ts";

/** Which state of which group a proposal from outside is for. */
export interface ProposalTarget {
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

async function externalProposal(
  provider: MlsProvider,
  signer: Signer,
  target: ProposalTarget,
  sender: Sender,
  proposal: Proposal,
): Promise<Uint8Array> {
  const { suite } = await environmentFor(provider, target.cipherSuite);
  const content = {
    groupId: target.groupId,
    epoch: target.epoch,
    sender,
    authenticatedData: new Uint8Array(),
    contentType: ContentType.proposal,
    proposal,
  };
  checkSenderContent(content);
  const wireFormat = WireFormat.mlsPublicMessage; // RFC 9420 §12.1.8
  const signature = await signContent(suite, signer, { wireFormat, content });
  const publicMessage = {
    content,
    auth: { signature, confirmationTag: undefined },
    membershipTag: undefined,
  };
  return encodeMlsMessage({ wireFormat, publicMessage });
}

/**
 * A proposal of a sender named in the group's external_senders extension (RFC 9420 §12.1.8), as an MLSMessage.
 * @param senderIndex its place in the extension
 * @throws MlsError `ERR_MLS_VALIDATION` rule valn1502 for a type that external senders may not propose
 */
export async function proposeAsExternalSender(
  provider: MlsProvider,
  signer: Signer,
  target: ProposalTarget,
  senderIndex: number,
  proposal: Proposal,
): Promise<Uint8Array> {
  return externalProposal(
    provider,
    signer,
    target,
    { senderType: SenderType.external, senderIndex },
    proposal,
  );
}

/** A request to be added, signed by the newcomer itself (RFC 9420 §12.1.8), as an MLSMessage. */
export async function proposeToJoin(
  provider: MlsProvider,
  signer: Signer,
  target: Omit<ProposalTarget, "cipherSuite">,
  keyPackage: KeyPackage,
): Promise<Uint8Array> {
  return externalProposal(
    provider,
    signer,
    { cipherSuite: keyPackage.cipherSuite, groupId: target.groupId, epoch: target.epoch }, // a group may be the target
    { senderType: SenderType.newMemberProposal },
    { proposalType: ProposalType.add, keyPackage: keyPackage.fields },
  );
}
