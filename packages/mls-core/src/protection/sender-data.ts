import { type CipherSuite, decryptionFailed, isMlsError, wipe } from "@openmls-ts/traits";
import { type Codec, decode, encode, fixed, opaque, struct, uint32, uint64 } from "../codec/index.ts";
import { exposed, type SecretBytes } from "../key-schedule/index.ts";
import { expandWithLabel } from "../labels/index.ts";
import { contentType, type PrivateMessage } from "../wire/index.ts";

/** Which key a PrivateMessage is encrypted with (RFC 9420 §6.3.2). */
export interface SenderData {
  /** Any 32-bit value until it is checked against the tree. */
  readonly leafIndex: number;
  readonly generation: number;
  /** 4 bytes. */
  readonly reuseGuard: Uint8Array;
}

/** Length of the reuse guard in bytes (RFC 9420 §6.3.1). */
export const REUSE_GUARD_LENGTH = 4;

//   struct {
//       uint32 leaf_index;
//       uint32 generation;
//       opaque reuse_guard[4];
//   } SenderData;
export const senderData: Codec<SenderData> = struct<SenderData>({
  leafIndex: uint32,
  generation: uint32,
  reuseGuard: fixed(REUSE_GUARD_LENGTH),
});

/** The header of a PrivateMessage that sender data are bound to. */
export type SenderDataAad = Pick<PrivateMessage, "groupId" | "epoch" | "contentType">;

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       ContentType content_type;
//   } SenderDataAAD;
const senderDataAad: Codec<SenderDataAad> = struct<SenderDataAad>({
  groupId: opaque,
  epoch: uint64,
  contentType,
});

/**
 * Key and nonce of the sender data of one ciphertext (RFC 9420 §6.3.2).
 * @param ciphertext of the content; its first Nh bytes are used, or all of it when it is shorter
 */
export function senderDataKeyAndNonce(
  suite: CipherSuite,
  senderDataSecret: SecretBytes,
  ciphertext: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const { kdf, aead } = suite.params;
  const secret = exposed(senderDataSecret);
  const sample = ciphertext.subarray(0, kdf.hashLength);
  return {
    key: expandWithLabel(suite, secret, "key", sample, aead.keyLength),
    nonce: expandWithLabel(suite, secret, "nonce", sample, aead.nonceLength),
  };
}

/** Encrypts the sender data that go with a ciphertext (RFC 9420 §6.3.2). */
export async function sealSenderData(
  suite: CipherSuite,
  senderDataSecret: SecretBytes,
  header: SenderDataAad,
  ciphertext: Uint8Array,
  value: SenderData,
): Promise<Uint8Array> {
  const { key, nonce } = senderDataKeyAndNonce(suite, senderDataSecret, ciphertext);
  try {
    return await suite.aeadSeal(key, nonce, encode(senderDataAad, header), encode(senderData, value));
  } finally {
    wipe(key, nonce);
  }
}

/**
 * Decrypts the sender data of a PrivateMessage (RFC 9420 §6.3.2). That the leaf is occupied remains to be checked.
 * @throws MlsError `ERR_MLS_DECRYPTION`, also for what decrypts and is no SenderData
 */
export async function openSenderData(
  suite: CipherSuite,
  senderDataSecret: SecretBytes,
  message: PrivateMessage,
): Promise<SenderData> {
  const { key, nonce } = senderDataKeyAndNonce(suite, senderDataSecret, message.ciphertext);
  const aad = encode(senderDataAad, message);
  const plaintext = await openAead(suite, key, nonce, aad, message.encryptedSenderData);
  return indistinct(() => decode(senderData, plaintext));
}

/** Malformed plaintext fails like a ciphertext that does not open. @throws MlsError `ERR_MLS_DECRYPTION` */
export function indistinct<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isMlsError(error, "ERR_MLS_DECODE") ? decryptionFailed() : error;
  }
}

/** AEAD decryption that fails in one way only, and wipes key and nonce. @throws MlsError `ERR_MLS_DECRYPTION` */
export async function openAead(
  suite: CipherSuite,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await suite.aeadOpen(key, nonce, aad, ciphertext);
  } catch {
    throw decryptionFailed();
  } finally {
    wipe(key, nonce);
  }
}
