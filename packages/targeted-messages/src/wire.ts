import { type Codec, encode, opaque, struct, uint16, uint32, uint64 } from "@openmls-ts/mls-core";
import { concatBytes, utf8 } from "@openmls-ts/traits";

const MLS10 = 1;

/** What stands after the header of an MLSMessage. */
export interface TargetedMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly recipientLeafIndex: number;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderAuthData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       uint32 recipient_leaf_index;
//       opaque authenticated_data<V>;
//       opaque encrypted_sender_auth_data<V>;
//       opaque ciphertext<V>;
//   } TargetedMessage;
export const targetedMessage: Codec<TargetedMessage> = struct<TargetedMessage>({
  groupId: opaque,
  epoch: uint64,
  recipientLeafIndex: uint32,
  authenticatedData: opaque,
  encryptedSenderAuthData: opaque,
  ciphertext: opaque,
});

/** Who sent it, and what opens it; encrypted for all members. */
export interface SenderAuthData {
  readonly senderLeafIndex: number;
  readonly signature: Uint8Array;
  readonly kemOutput: Uint8Array;
}

//   struct {
//       uint32 sender_leaf_index;
//       opaque signature<V>;
//       opaque kem_output<V>;
//   } SenderAuthData;
export const senderAuthData: Codec<SenderAuthData> = struct<SenderAuthData>({
  senderLeafIndex: uint32,
  signature: opaque,
  kemOutput: opaque,
});

type Address = Pick<TargetedMessage, "groupId" | "epoch" | "recipientLeafIndex">;

const senderAuthDataAad: Codec<Address> = struct<Address>({
  groupId: opaque,
  epoch: uint64,
  recipientLeafIndex: uint32,
});

/** What the encryption of the sender's data is bound to. */
export function addressBytes(address: Address): Uint8Array {
  return encode(senderAuthDataAad, address);
}

interface Tbs extends Address {
  readonly version: number;
  readonly wireFormat: number;
  readonly authenticatedData: Uint8Array;
  readonly senderLeafIndex: number;
  readonly kemOutput: Uint8Array;
  readonly ciphertextHash: Uint8Array;
}

//   struct {
//       ProtocolVersion version = mls10;
//       WireFormat wire_format = mls_targeted_message;
//       opaque group_id<V>;
//       uint64 epoch;
//       uint32 recipient_leaf_index;
//       opaque authenticated_data<V>;
//       uint32 sender_leaf_index;
//       opaque kem_output<V>;
//       opaque ciphertext_hash<V>;
//   } TargetedMessageTBS;
const tbs: Codec<Tbs> = struct<Tbs>({
  version: uint16,
  wireFormat: uint16,
  groupId: opaque,
  epoch: uint64,
  recipientLeafIndex: uint32,
  authenticatedData: opaque,
  senderLeafIndex: uint32,
  kemOutput: opaque,
  ciphertextHash: opaque,
});

/** What the sender signs. */
export function signedBytes(content: Omit<Tbs, "version">): Uint8Array {
  return encode(tbs, { ...content, version: MLS10 });
}

interface Tbm extends Address {
  readonly authenticatedData: Uint8Array;
  readonly senderLeafIndex: number;
  readonly kemOutput: Uint8Array;
}

const tbm: Codec<Tbm> = struct<Tbm>({
  groupId: opaque,
  epoch: uint64,
  recipientLeafIndex: uint32,
  authenticatedData: opaque,
  senderLeafIndex: uint32,
  kemOutput: opaque,
});

/** What the ciphertext of draft -01 is bound to. */
export function boundBytes(content: Tbm): Uint8Array {
  return encode(tbm, content);
}

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       opaque label<V> = "MLS 1.0 targeted message psk";
//   } PSKId;
const pskId = struct<{ readonly groupId: Uint8Array; readonly epoch: bigint; readonly label: Uint8Array }>({
  groupId: opaque,
  epoch: uint64,
  label: opaque,
});

/** The identifier of the epoch's PSK. */
export function pskIdBytes(groupId: Uint8Array, epoch: bigint): Uint8Array {
  return encode(pskId, { groupId, epoch, label: utf8("MLS 1.0 targeted message psk") });
}

const INFO_LABEL = "MLS 1.0 TargetedMessageData";

/**
 * HPKE's info. Towards -02 the two indices follow the label without a length of their own; in -01 an empty vector stands in their
 * place.
 */
export function infoBytes(version: "01" | "02", recipient: number, sender: number): Uint8Array {
  const label = encode(opaque, utf8(INFO_LABEL));
  return version === "01"
    ? concatBytes(label, encode(opaque, new Uint8Array()))
    : concatBytes(label, encode(uint32, recipient), encode(uint32, sender));
}

const header = struct<{ readonly version: number; readonly wireFormat: number }>({
  version: uint16,
  wireFormat: uint16,
});

/** An MLSMessage (RFC 9420 §6). */
export function messageBytes(wireFormat: number, message: TargetedMessage): Uint8Array {
  return concatBytes(encode(header, { version: MLS10, wireFormat }), encode(targetedMessage, message));
}
