import {
  bigintArgument,
  bytesArgument,
  type MlsProvider,
  numberArgument,
  type Signer,
  signerArgument,
  violation,
} from "@openmls-ts/traits";
import { type Environment, environmentFor } from "../feature/index.ts";
import { type KeyPackage, keyPackageArgument } from "../key-package/index.ts";
import { proposalRef } from "../protection/proposal-ref.ts";
import { checkSenderContent } from "../protection/sender-rules.ts";
import { signContent } from "../protection/signing.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { type Content, encodeMlsMessage, type Proposal, type Sender } from "../wire/index.ts";
import { mayPropose } from "./receive/open-message.ts";
import { draftArgument, type ProposalDraft, resolveDraft } from "./send/drafts.ts";
import type { ProposalResult } from "./send/propose.ts";

/** Which state of which group a proposal from outside is for. */
export interface ProposalTarget {
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Where a feature of the group wants some. Default: none. */
  readonly authenticatedData?: Uint8Array;
}

/** A proposal from outside, with the reference that members give it. */
export async function externalProposal(
  provider: MlsProvider,
  signer: Signer,
  target: Omit<ProposalTarget, "cipherSuite">, // a group may be one
  cipherSuite: unknown,
  sender: Sender,
  makeProposal: (env: Environment) => Proposal | Promise<Proposal>,
): Promise<ProposalResult> {
  const signs = signerArgument(signer);
  const groupId = bytesArgument("groupId", (target as Partial<ProposalTarget> | null | undefined)?.groupId);
  const epoch = bigintArgument("epoch", target.epoch);
  const authenticatedData = bytesArgument("authenticatedData", target.authenticatedData ?? new Uint8Array());
  const env = await environmentFor(provider, numberArgument("cipherSuite", cipherSuite, 0, 0xffff));
  const proposal: Content = { contentType: ContentType.proposal, proposal: await makeProposal(env) };
  const content = { groupId, epoch, sender, authenticatedData, ...proposal };
  checkSenderContent(content, mayPropose(env));
  const wireFormat = WireFormat.mlsPublicMessage; // RFC 9420 §12.1.8
  const signature = await signContent(env.suite, signs, { wireFormat, content });
  const auth = { signature, confirmationTag: undefined };
  return {
    message: encodeMlsMessage({ wireFormat, publicMessage: { content, auth, membershipTag: undefined } }),
    reference: proposalRef(env.suite, { wireFormat, content, auth }),
  };
}

/**
 * A proposal of a sender named in the group's external_senders extension (RFC 9420 §12.1.8), as an MLSMessage.
 * @param senderIndex its place in the extension
 * @param proposal one of `proposals`, or of a feature
 * @throws MlsError `ERR_MLS_VALIDATION` rule valn1502 for a type that external senders may not propose
 */
export async function proposeAsExternalSender(
  provider: MlsProvider,
  signer: Signer,
  target: ProposalTarget,
  senderIndex: number,
  proposal: ProposalDraft | Proposal,
): Promise<Uint8Array> {
  const draft = draftArgument(proposal);
  const sender = {
    senderType: SenderType.external,
    senderIndex: numberArgument("senderIndex", senderIndex, 0, 0xffff_ffff),
  };
  const cipherSuite: unknown = (target as Partial<ProposalTarget> | null | undefined)?.cipherSuite;
  const made = await externalProposal(provider, signer, target, cipherSuite, sender, (env) =>
    resolveExternal(env, undefined, draft),
  );
  return made.message;
}

/** What an external sender's draft stands for. @param tree where members are looked up @throws MlsError rule valn1502 */
export function resolveExternal(
  env: Environment,
  tree: RatchetTree | undefined,
  draft: ProposalDraft,
): Proposal {
  if (draft.draft === "update") {
    throw violation("valn1502", "an external sender has no leaf to update");
  }
  return resolveDraft(env, tree, draft);
}

/** A request to be added, signed by the newcomer itself (RFC 9420 §12.1.8), as an MLSMessage. */
export async function proposeToJoin(
  provider: MlsProvider,
  signer: Signer,
  target: Omit<ProposalTarget, "cipherSuite">,
  keyPackage: KeyPackage | Uint8Array,
): Promise<Uint8Array> {
  const fields = keyPackageArgument(provider, "keyPackage", keyPackage);
  const sender = { senderType: SenderType.newMemberProposal } as const;
  const made = await externalProposal(provider, signer, target, fields.cipherSuite, sender, () => ({
    proposalType: ProposalType.add,
    keyPackage: fields,
  }));
  return made.message;
}
