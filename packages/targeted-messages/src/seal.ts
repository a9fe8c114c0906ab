import { encode, type GroupAccess } from "@openmls-ts/mls-core";
import { MlsError, type Signer, wipe } from "@openmls-ts/traits";
import { padded } from "./content.ts";
import type { TargetedForm } from "./open.ts";
import { keysOf, senderDataKeys } from "./secrets.ts";
import {
  addressBytes,
  boundBytes,
  infoBytes,
  messageBytes,
  pskIdBytes,
  senderAuthData,
  signedBytes,
} from "./wire.ts";

/** What is sent, and to whom. */
export interface Sealing extends TargetedForm {
  readonly recipientLeafIndex: number;
  readonly data: Uint8Array;
  readonly authenticatedData: Uint8Array;
  /** Zeros after the data. */
  readonly padding: number;
}

/**
 * Seals a message for one member.
 * @returns an MLSMessage
 * @throws MlsError `ERR_MLS_USAGE` rule tm08 for a recipient who is no member or ourselves
 */
export async function seal(group: GroupAccess, signer: Signer, sealing: Sealing): Promise<Uint8Array> {
  const { version, wireFormat, recipientLeafIndex, data, authenticatedData, padding } = sealing;
  const { suite, ownLeafIndex: senderLeafIndex } = group;
  const { groupId, epoch } = group.groupContext;
  const recipient = group.leaf(recipientLeafIndex);
  if (recipient === undefined || recipientLeafIndex === senderLeafIndex) {
    const who = recipient === undefined ? "no member" : "ourselves";
    throw new MlsError("ERR_MLS_USAGE", `a targeted message to ${who}`, { rule: "tm08" });
  }
  const address = { groupId, epoch, recipientLeafIndex, authenticatedData };
  const keys = keysOf(group);
  const content = padded(data, padding);
  try {
    const psk = { psk: keys.psk, pskId: pskIdBytes(groupId, epoch) };
    const info = infoBytes(version, recipientLeafIndex, senderLeafIndex);
    const hpke = await suite.hpkeSetupSender(recipient.encryptionKey, info, psk);
    const { kemOutput } = hpke;
    const aad = version === "01" ? boundBytes({ ...address, senderLeafIndex, kemOutput }) : authenticatedData;
    const ciphertext = await hpke.seal(aad, content);
    const ciphertextHash = suite.hash(ciphertext);
    const signed = signedBytes({ ...address, wireFormat, senderLeafIndex, kemOutput, ciphertextHash });
    const signature = await group.sign(signer, "TargetedMessageTBS", signed);
    const sender = encode(senderAuthData, { senderLeafIndex, signature, kemOutput });
    const { key, nonce } = senderDataKeys(suite, keys.senderAuthDataSecret, ciphertext);
    const encryptedSenderAuthData = await suite.aeadSeal(key, nonce, addressBytes(address), sender);
    wipe(key, nonce);
    return messageBytes(wireFormat, { ...address, encryptedSenderAuthData, ciphertext });
  } finally {
    wipe(content, keys.psk, keys.senderAuthDataSecret);
  }
}
