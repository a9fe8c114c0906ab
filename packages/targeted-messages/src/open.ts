import { decode, type FeatureMessage, type GroupAccess } from "@openmls-ts/mls-core";
import { MlsError, violation, wipe } from "@openmls-ts/traits";
import { unpadded } from "./content.ts";
import { keysOf, senderDataKeys } from "./secrets.ts";
import {
  addressBytes,
  boundBytes,
  infoBytes,
  pskIdBytes,
  type SenderAuthData,
  senderAuthData,
  signedBytes,
  type TargetedMessage,
  targetedMessage,
} from "./wire.ts";

/** Which form of the draft a group uses; nothing on the wire tells. */
export type TargetedVersion = "01" | "02";

/** What all members of a group have in common to read one another. */
export interface TargetedForm {
  readonly version: TargetedVersion;
  /** The code point of mls_targeted_message. */
  readonly wireFormat: number;
}

/** What a targeted message carried. */
export interface TargetedContent {
  readonly data: Uint8Array;
  readonly authenticatedData: Uint8Array;
}

/**
 * Opens a message for this member. Nothing comes out before all of it is verified.
 * @throws MlsError rules tm02 to tm05; `ERR_MLS_DECRYPTION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_DECODE`
 */
export async function open(
  { version, wireFormat }: TargetedForm,
  body: Uint8Array,
  group: GroupAccess,
): Promise<FeatureMessage & { readonly value: TargetedContent }> {
  const message = decode(targetedMessage, body);
  if (message.recipientLeafIndex !== group.ownLeafIndex) {
    throw violation("tm02", "the message is for another member");
  }
  const keys = keysOf(group);
  try {
    const sender = await openSender(message, keys.senderAuthDataSecret, group);
    await verifySender({ ...message, wireFormat }, sender, group);
    const data = await openContent(version, message, sender, keys.psk, group);
    const { authenticatedData } = message;
    return { sender: sender.senderLeafIndex, value: { data, authenticatedData } };
  } finally {
    wipe(keys.psk, keys.senderAuthDataSecret);
  }
}

async function openSender(
  message: TargetedMessage,
  secret: Uint8Array,
  group: GroupAccess,
): Promise<SenderAuthData> {
  const { suite } = group;
  const { key, nonce } = senderDataKeys(suite, secret, message.ciphertext);
  try {
    const aad = addressBytes(message);
    const sender = decode(
      senderAuthData,
      await suite.aeadOpen(key, nonce, aad, message.encryptedSenderAuthData),
    );
    if (group.leaf(sender.senderLeafIndex) === undefined) {
      throw violation("tm03", "the sender is no member");
    }
    return sender;
  } finally {
    wipe(key, nonce);
  }
}

async function verifySender(
  message: TargetedMessage & Pick<TargetedForm, "wireFormat">,
  { senderLeafIndex, kemOutput, signature }: SenderAuthData,
  group: GroupAccess,
): Promise<void> {
  const ciphertextHash = group.suite.hash(message.ciphertext);
  const signed = signedBytes({ ...message, senderLeafIndex, kemOutput, ciphertextHash });
  if (!(await group.verify(senderLeafIndex, "TargetedMessageTBS", signed, signature))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "the signature of a targeted message does not verify", {
      rule: "tm04",
    });
  }
}

async function openContent(
  version: TargetedVersion,
  message: TargetedMessage,
  { senderLeafIndex, kemOutput }: SenderAuthData,
  psk: Uint8Array,
  group: GroupAccess,
): Promise<Uint8Array> {
  const { authenticatedData, ciphertext, recipientLeafIndex } = message;
  const aad = version === "01" ? boundBytes({ ...message, senderLeafIndex, kemOutput }) : authenticatedData;
  const content = await group.hpkeOpenWithLeafKey(
    infoBytes(version, recipientLeafIndex, senderLeafIndex),
    aad,
    { kemOutput, ciphertext },
    { psk, pskId: pskIdBytes(message.groupId, message.epoch) },
  );
  try {
    return unpadded(content);
  } finally {
    wipe(content);
  }
}
