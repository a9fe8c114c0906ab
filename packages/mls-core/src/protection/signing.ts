import { type CipherSuite, MlsError, type Signer } from "@openmls-ts/traits";
import { Writer } from "../codec/index.ts";
import {
  type AuthenticatedContent,
  coversContext,
  type FramedContent,
  type FramedContentTbs,
  framedContentTbs,
  type GroupContext,
} from "../wire/index.ts";
import { signChecked, verifyWithLabel } from "../labels/index.ts";

const LABEL = "FramedContentTBS"; // RFC 9420 §6.1

/** What a sender signs. */
export interface ContentToSign {
  readonly wireFormat: number;
  readonly content: FramedContent;
  /** Of the epoch the message is sent in. Senders `member` and `newMemberCommit` need it, others ignore it. */
  readonly context?: GroupContext | undefined;
}

/** The parts of a FramedContentTBS that belong together. @throws MlsError `ERR_MLS_INTERNAL` without a needed context */
export function toBeSigned({ wireFormat, content, context }: ContentToSign): FramedContentTbs {
  // RFC 9420 §6.1: the context is signed exactly by senders inside the group
  const covered = coversContext(content.sender.senderType);
  if (covered && context === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "this sender signs the group context", { rule: "rfc25" });
  }
  return { wireFormat, content, context: covered ? context : undefined };
}

function encodeTbs(value: ContentToSign): Uint8Array {
  const tbs = toBeSigned(value);
  const writer = new Writer(framedContentTbs.size(tbs));
  framedContentTbs.write(writer, tbs);
  return writer.finish();
}

/**
 * The signature of a FramedContentAuthData (RFC 9420 §6.1).
 * @throws MlsError `ERR_MLS_USAGE` when the signer fails, or its signature does not verify with its public key
 */
export async function signContent(
  suite: CipherSuite,
  signer: Signer,
  value: ContentToSign,
): Promise<Uint8Array> {
  return signChecked(suite, signer, LABEL, encodeTbs(value));
}

/**
 * Whether a message was signed with the key, for its wire format and context (RFC 9420 §6.1).
 * @param signatureKey the key that the sender's type selects
 * @param context of the epoch the message was sent in, where the sender's type needs it
 */
export async function verifyContent(
  suite: CipherSuite,
  signatureKey: Uint8Array,
  authenticated: AuthenticatedContent,
  context?: GroupContext,
): Promise<boolean> {
  const { wireFormat, content, auth } = authenticated;
  return verifyWithLabel(
    suite,
    signatureKey,
    LABEL,
    encodeTbs({ wireFormat, content, context }),
    auth.signature,
  );
}
