import { MlsError, violation } from "@openmls-ts/traits";
import { type Codec, decode, dependent, encode, opaque, struct, uint16, uint64 } from "../codec/index.ts";
import {
  absent,
  contentType,
  framedContent,
  type FramedContent,
  type FramedContentAuthData,
  framedContentAuthData,
} from "./framed-content.ts";
import { mls10 } from "./group-context.ts";
import { type KeyPackageStruct, keyPackageStruct } from "./key-package.ts";
import { type GroupInfo, groupInfo, welcome, type Welcome } from "./welcome.ts";
import { type ContentType, ProtocolVersion, SenderType, WireFormat } from "../registry.ts";

/** A signed message in the clear (RFC 9420 §6.2). The membership tag is there exactly for members. */
export interface PublicMessage {
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
  readonly membershipTag: Uint8Array | undefined;
}

//   struct {
//       FramedContent content;
//       FramedContentAuthData auth;
//       select (PublicMessage.content.sender.sender_type) {
//           case member:              MAC membership_tag;
//           case external:
//           case new_member_commit:
//           case new_member_proposal: struct{};
//       };
//   } PublicMessage;
export const publicMessage: Codec<PublicMessage> = dependent<
  Pick<PublicMessage, "content">,
  Omit<PublicMessage, "content">
>(struct<Pick<PublicMessage, "content">>({ content: framedContent }), ({ content }) =>
  struct<Omit<PublicMessage, "content">>({
    auth: framedContentAuthData(content.contentType),
    membershipTag: content.sender.senderType === SenderType.member ? opaque : absent,
  }),
);

/** A signed and encrypted message (RFC 9420 §6.3). */
export interface PrivateMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       ContentType content_type;
//       opaque authenticated_data<V>;
//       opaque encrypted_sender_data<V>;
//       opaque ciphertext<V>;
//   } PrivateMessage;
export const privateMessage: Codec<PrivateMessage> = struct<PrivateMessage>({
  groupId: opaque,
  epoch: uint64,
  contentType,
  authenticatedData: opaque,
  encryptedSenderData: opaque,
  ciphertext: opaque,
});

/** Everything that MLS puts on a wire (RFC 9420 §6). */
export type MlsMessage =
  | { readonly wireFormat: typeof WireFormat.mlsPublicMessage; readonly publicMessage: PublicMessage }
  | { readonly wireFormat: typeof WireFormat.mlsPrivateMessage; readonly privateMessage: PrivateMessage }
  | { readonly wireFormat: typeof WireFormat.mlsWelcome; readonly welcome: Welcome }
  | { readonly wireFormat: typeof WireFormat.mlsGroupInfo; readonly groupInfo: GroupInfo }
  | { readonly wireFormat: typeof WireFormat.mlsKeyPackage; readonly keyPackage: KeyPackageStruct };

const bodies: Readonly<Record<number, Codec<object>>> = {
  [WireFormat.mlsPublicMessage]: struct<{ readonly publicMessage: PublicMessage }>({ publicMessage }),
  [WireFormat.mlsPrivateMessage]: struct<{ readonly privateMessage: PrivateMessage }>({ privateMessage }),
  [WireFormat.mlsWelcome]: struct<{ readonly welcome: Welcome }>({ welcome }),
  [WireFormat.mlsGroupInfo]: struct<{ readonly groupInfo: GroupInfo }>({ groupInfo }),
  [WireFormat.mlsKeyPackage]: struct<{ readonly keyPackage: KeyPackageStruct }>({
    keyPackage: keyPackageStruct,
  }),
};

function bodyOf(wireFormat: number): Codec<object> {
  const codec = bodies[wireFormat];
  if (codec === undefined) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT", `wire format ${wireFormat}`, { rule: "rfc06" });
  }
  return codec;
}

//   struct {
//       ProtocolVersion version = mls10;
//       WireFormat wire_format;
//       select (MLSMessage.wire_format) {
//           case mls_public_message:  PublicMessage public_message;
//           case mls_private_message: PrivateMessage private_message;
//           case mls_welcome:         Welcome welcome;
//           case mls_group_info:      GroupInfo group_info;
//           case mls_key_package:     KeyPackage key_package;
//       };
//   } MLSMessage;
const mlsMessage: Codec<MlsMessage> = {
  size: (message) => 4 + bodyOf(message.wireFormat).size(message),
  write: (writer, message) => {
    writer.uint16(ProtocolVersion.mls10);
    writer.uint16(message.wireFormat);
    bodyOf(message.wireFormat).write(writer, message);
  },
  read: (reader) => {
    mls10.read(reader);
    const wireFormat = uint16.read(reader);
    return { wireFormat, ...bodyOf(wireFormat).read(reader) } as MlsMessage;
  },
};

/** @throws MlsError `ERR_MLS_ENCODE` */
export function encodeMlsMessage(message: MlsMessage): Uint8Array {
  return encode(mlsMessage, message);
}

/**
 * Decodes an MLSMessage.
 * @param maxSize longest message taken, in bytes
 * @throws MlsError `ERR_MLS_LIMIT`, `ERR_MLS_DECODE`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_UNSUPPORTED_WIRE_FORMAT`
 */
export function decodeMlsMessage(bytes: Uint8Array, maxSize: number = Number.POSITIVE_INFINITY): MlsMessage {
  if (bytes.length > maxSize) {
    throw new MlsError("ERR_MLS_LIMIT", `a message of ${bytes.length} bytes is longer than ${maxSize}`);
  }
  const message = decode(mlsMessage, bytes);
  if (
    message.wireFormat === WireFormat.mlsKeyPackage &&
    message.keyPackage.version !== ProtocolVersion.mls10
  ) {
    throw violation("valn0205", "the KeyPackage's version differs from its MLSMessage's"); // RFC 9420 §10
  }
  return message;
}
