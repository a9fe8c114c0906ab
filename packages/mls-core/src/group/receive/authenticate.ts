import { MlsError, violation } from "@openmls-ts/traits";
import type { Environment } from "../../feature/index.ts";
import { verifyContent } from "../../protection/signing.ts";
import { ContentType, ProposalType, SenderType } from "../../registry.ts";
import {
  type AuthenticatedContent,
  type CredentialWithKey,
  externalSendersOf,
  type GroupContext,
  isProposal,
} from "../../wire/index.ts";

/** The leaves of the epoch a message belongs to. */
export interface SenderView {
  readonly groupContext: GroupContext;
  leaf(leafIndex: number): CredentialWithKey | undefined;
}

/**
 * Whose key signs a message that passed `checkSenderContent` (RFC 9420 §6.1).
 * @throws MlsError `ERR_MLS_VALIDATION` for a sender that does not exist
 */
export function senderKey(view: SenderView, { content }: AuthenticatedContent): CredentialWithKey {
  const { sender } = content;
  switch (sender.senderType) {
    case SenderType.member: {
      const leaf = view.leaf(sender.leafIndex);
      if (leaf === undefined) {
        throw violation("valn1301", `no member at leaf ${sender.leafIndex}`);
      }
      return leaf;
    }
    case SenderType.external: {
      const found = externalSendersOf(view.groupContext.extensions)?.[sender.senderIndex];
      if (found === undefined) {
        throw violation("rfc86", `no external sender ${sender.senderIndex}`); // RFC 9420 §12.1.8
      }
      return found;
    }
    default: {
      // checkSenderContent() has left nothing but the newcomer's own Add and an external commit.
      const leaf =
        content.contentType === ContentType.commit
          ? content.commit.path?.leafNode
          : content.contentType === ContentType.proposal && isProposal(content.proposal, ProposalType.add)
            ? content.proposal.keyPackage.leafNode
            : undefined;
      if (leaf === undefined) {
        throw violation("valn0405", "an external commit without a path"); // RFC 9420 §12.4.3.2
      }
      return leaf;
    }
  }
}

/**
 * Verifies a message's signature by the key that its sender type selects (RFC 9420 §6.1).
 * @returns the sender's credential
 * @throws MlsError `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_VALIDATION`
 */
export async function authenticate(
  env: Environment,
  view: SenderView,
  authenticated: AuthenticatedContent,
): Promise<CredentialWithKey> {
  const from = senderKey(view, authenticated);
  if (!(await verifyContent(env.suite, from.signatureKey, authenticated, view.groupContext))) {
    const { contentType, sender } = authenticated.content;
    const rule =
      sender.senderType === SenderType.newMemberCommit
        ? "valn0407"
        : contentType === ContentType.commit
          ? "valn1203"
          : "valn1304";
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a message", { rule });
  }
  return from;
}
