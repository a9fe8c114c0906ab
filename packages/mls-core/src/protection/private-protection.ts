import { type CipherSuite, MlsError, violation, wipe } from "@openmls-ts/traits";
import {
  type Codec,
  encode,
  malformed,
  MAX_VECTOR_LENGTH,
  opaque,
  Reader,
  type ReadOptions,
  struct,
  uint64,
  Writer,
} from "../codec/index.ts";
import type { SecretBytes } from "../key-schedule/index.ts";
import { SenderType, WireFormat } from "../registry.ts";
import type { RatchetKey } from "../secret-tree/index.ts";
import { checkSendable } from "./auth-data.ts";
import {
  type AuthenticatedContent,
  contentBody,
  contentType,
  type FramedContent,
  framedContentAuthData,
  type FramedContentAuthData,
  type PrivateMessage,
} from "../wire/index.ts";
import { indistinct, openAead, REUSE_GUARD_LENGTH, sealSenderData, type SenderData } from "./sender-data.ts";

type PrivateContentAad = Pick<PrivateMessage, "groupId" | "epoch" | "contentType" | "authenticatedData">;

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       ContentType content_type;
//       opaque authenticated_data<V>;
//   } PrivateContentAAD;
const privateContentAad: Codec<PrivateContentAad> = struct<PrivateContentAad>({
  groupId: opaque,
  epoch: uint64,
  contentType,
  authenticatedData: opaque,
});

/** What {@link sealPrivate} needs. */
export interface PrivateSealing {
  /** Signed for wire format `mlsPrivateMessage`, from a member. */
  readonly authenticated: AuthenticatedContent;
  readonly senderDataSecret: SecretBytes;
  /** The next unused key of the sender's own ratchet for this kind of content; wiped here. */
  readonly ratchetKey: RatchetKey;
  /** Zero bytes to append (RFC 9420 §15.1). */
  readonly padding: number;
}

/**
 * Encrypts signed content (RFC 9420 §6.3).
 * @throws MlsError `ERR_MLS_VALIDATION` rule valn1305 for a sender that is not a member, `ERR_MLS_USAGE` for a padding
 *   that is not a length
 */
export async function sealPrivate(suite: CipherSuite, sealing: PrivateSealing): Promise<PrivateMessage> {
  const { authenticated, senderDataSecret, ratchetKey, padding } = sealing;
  const { content, auth } = authenticated;
  const nonce = ratchetKey.nonce.slice();
  let plaintext: Uint8Array | undefined;
  try {
    const { groupId, epoch, contentType: type, authenticatedData, sender } = content;
    if (sender.senderType !== SenderType.member) {
      throw violation("valn1305", "only members send private messages"); // RFC 9420 §6.3.2
    }
    checkSendable(authenticated, WireFormat.mlsPrivateMessage);
    const header: PrivateContentAad = { groupId, epoch, contentType: type, authenticatedData };
    plaintext = encodePlaintext(content, auth, padding);
    const reuseGuard = suite.randomBytes(REUSE_GUARD_LENGTH);
    applyGuard(nonce, reuseGuard);
    const ciphertext = await suite.aeadSeal(
      ratchetKey.key,
      nonce,
      encode(privateContentAad, header),
      plaintext,
    );
    const encryptedSenderData = await sealSenderData(suite, senderDataSecret, header, ciphertext, {
      leafIndex: sender.leafIndex,
      generation: ratchetKey.generation,
      reuseGuard,
    });
    return { ...header, encryptedSenderData, ciphertext };
  } finally {
    wipe(ratchetKey.key, ratchetKey.nonce, nonce, plaintext); // RFC 9420 §9.2
  }
}

/**
 * Decrypts a PrivateMessage (RFC 9420 §6.3.1). The signature remains to be verified, with `verifyContent()`.
 * @param senderData of `openSenderData()`, its leaf checked against the tree
 * @param key of the generation that the sender data name, Nk bytes; wiped here
 * @param nonce of that generation, Nn bytes; wiped here
 * @param options how the content is read
 * @throws MlsError `ERR_MLS_DECRYPTION`, also for what decrypts and is no PrivateMessageContent or has padding that is
 *   not zero (rule valn1303, which the error does not name: decryption fails in one way only); `ERR_MLS_LIMIT` for
 *   content of more elements than the options allow
 */
export async function openPrivate(
  suite: CipherSuite,
  message: PrivateMessage,
  senderData: SenderData,
  key: Uint8Array,
  nonce: Uint8Array,
  options?: ReadOptions,
): Promise<AuthenticatedContent> {
  const guarded = nonce.slice();
  applyGuard(guarded, senderData.reuseGuard);
  wipe(nonce);
  const plaintext = await openAead(
    suite,
    key,
    guarded,
    encode(privateContentAad, message),
    message.ciphertext,
  );
  try {
    return indistinct(() => decodePlaintext(message, senderData.leafIndex, plaintext, options));
  } finally {
    wipe(plaintext);
  }
}

/** XORs the guard onto the first bytes of the nonce (RFC 9420 §6.3.1). */
function applyGuard(nonce: Uint8Array, guard: Uint8Array): void {
  guard.forEach((byte, i) => {
    nonce[i] = nonce[i]! ^ byte;
  });
}

//   struct {
//       select (PrivateMessage.content_type) {
//           case application: opaque application_data<V>;
//           case proposal:    Proposal proposal;
//           case commit:      Commit commit;
//       };
//       FramedContentAuthData auth;
//       opaque padding[length_of_padding];
//   } PrivateMessageContent;
function encodePlaintext(content: FramedContent, auth: FramedContentAuthData, padding: number): Uint8Array {
  if (!Number.isInteger(padding) || padding < 0 || padding > MAX_VECTOR_LENGTH) {
    throw new MlsError("ERR_MLS_USAGE", `padding is 0 to ${MAX_VECTOR_LENGTH} bytes`);
  }
  const body = contentBody(content.contentType);
  const authData = framedContentAuthData(content.contentType);
  const writer = new Writer(body.size(content) + authData.size(auth) + padding);
  body.write(writer, content);
  authData.write(writer, auth);
  writer.bytes(new Uint8Array(padding));
  return writer.finish();
}

function decodePlaintext(
  message: PrivateMessage,
  leafIndex: number,
  plaintext: Uint8Array,
  options: ReadOptions | undefined,
): AuthenticatedContent {
  const { groupId, epoch, contentType: type, authenticatedData } = message;
  const reader = new Reader(plaintext, options);
  const body = contentBody(type).read(reader);
  const auth = framedContentAuthData(type).read(reader);
  const padding = plaintext.subarray(plaintext.length - reader.remaining);
  if (padding.some((byte) => byte !== 0)) {
    throw malformed("padding is not zero"); // RFC 9420 §6.3.1
  }
  const content = {
    groupId,
    epoch,
    sender: { senderType: SenderType.member, leafIndex },
    authenticatedData,
    contentType: type,
    ...body,
  } as FramedContent;
  return { wireFormat: WireFormat.mlsPrivateMessage, content, auth };
}
