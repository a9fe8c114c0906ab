import { type CipherSuite, equalBytesConstantTime, MlsError, violation } from "@openmls-ts/traits";
import { Writer } from "../codec/index.ts";
import { exposed, type SecretBytes } from "../key-schedule/index.ts";
import {
  type AuthenticatedContent,
  framedContentAuthData,
  framedContentTbs,
  type GroupContext,
  type PublicMessage,
} from "../wire/index.ts";
import { ContentType, SenderType, WireFormat } from "../registry.ts";
import { checkSendable } from "./auth-data.ts";
import { checkSenderContent, type ExternalProposals } from "./sender-rules.ts";
import { toBeSigned } from "./signing.ts";

/** The membership_tag of a member's PublicMessage (RFC 9420 §6.2); Nh bytes. */
export function membershipTag(
  suite: CipherSuite,
  membershipKey: SecretBytes,
  authenticated: AuthenticatedContent,
  context: GroupContext,
): Uint8Array {
  //   struct {
  //     FramedContentTBS content_tbs;
  //     FramedContentAuthData auth;
  //   } AuthenticatedContentTBM;
  const { wireFormat, content, auth } = authenticated;
  const tbs = toBeSigned({ wireFormat, content, context });
  const authData = framedContentAuthData(content.contentType);
  const writer = new Writer(framedContentTbs.size(tbs) + authData.size(auth));
  framedContentTbs.write(writer, tbs);
  authData.write(writer, auth);
  return suite.hmac(exposed(membershipKey), writer.finish());
}

function refuseApplicationData(type: ContentType): void {
  if (type === ContentType.application) {
    throw violation("rfc20", "application data in the clear"); // RFC 9420 §6
  }
}

/**
 * Wraps signed content as a PublicMessage (RFC 9420 §6.2).
 * @param membershipKey of the epoch, for sender type `member`; unused for others
 * @param context of the epoch, for sender type `member`
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc20 for application data
 */
export function protectPublic(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  membershipKey: SecretBytes | undefined,
  context: GroupContext | undefined,
): PublicMessage {
  const { content, auth } = authenticated;
  refuseApplicationData(content.contentType);
  checkSendable(authenticated, WireFormat.mlsPublicMessage);
  if (content.sender.senderType !== SenderType.member) {
    return { content, auth, membershipTag: undefined };
  }
  if (membershipKey === undefined || context === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "membership key and context are missing");
  }
  return { content, auth, membershipTag: membershipTag(suite, membershipKey, authenticated, context) };
}

/**
 * Checks everything about a PublicMessage but its signature, which is for `verifyContent()` (RFC 9420 §6.2).
 * @param context of the epoch that the message names
 * @param external which proposals external senders may send
 * @throws MlsError `ERR_MLS_INVALID_TAG` rules valn1202 (commits), valn1302; `ERR_MLS_VALIDATION` rule rfc20 for
 *   application data, rules valn1501 to valn1504 and valn0408 for content that the sender may not send
 */
export function checkPublic(
  suite: CipherSuite,
  message: PublicMessage,
  membershipKey: SecretBytes,
  context: GroupContext,
  external?: ExternalProposals,
): AuthenticatedContent {
  const { content, auth } = message;
  refuseApplicationData(content.contentType);
  checkSenderContent(content, external);
  const authenticated: AuthenticatedContent = { wireFormat: WireFormat.mlsPublicMessage, content, auth };
  if (content.sender.senderType === SenderType.member) {
    const expected = membershipTag(suite, membershipKey, authenticated, context);
    // RFC 9420 §6.2
    if (message.membershipTag === undefined || !equalBytesConstantTime(expected, message.membershipTag)) {
      const rule = content.contentType === ContentType.commit ? "valn1202" : "valn1302";
      throw new MlsError("ERR_MLS_INVALID_TAG", "the membership tag does not verify", { rule });
    }
  }
  return authenticated;
}
