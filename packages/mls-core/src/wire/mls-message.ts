import { isBytes, MlsError, violation } from "@openmls-ts/traits";
import {
  type Codec,
  decode,
  dependent,
  encode,
  opaque,
  type Reader,
  type ReadOptions,
  select,
  struct,
  uint16,
  uint64,
} from "../codec/index.ts";
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
import { digestBytes, idBytes } from "./sizes.ts";

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
    membershipTag: content.sender.senderType === SenderType.member ? digestBytes : absent,
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
  groupId: idBytes,
  epoch: uint64,
  contentType,
  authenticatedData: opaque,
  encryptedSenderData: digestBytes,
  ciphertext: opaque,
});

/** A message of a wire format of RFC 9420 (§6). */
export type WireMessage =
  | { readonly wireFormat: typeof WireFormat.mlsPublicMessage; readonly publicMessage: PublicMessage }
  | { readonly wireFormat: typeof WireFormat.mlsPrivateMessage; readonly privateMessage: PrivateMessage }
  | { readonly wireFormat: typeof WireFormat.mlsWelcome; readonly welcome: Welcome }
  | { readonly wireFormat: typeof WireFormat.mlsGroupInfo; readonly groupInfo: GroupInfo }
  | { readonly wireFormat: typeof WireFormat.mlsKeyPackage; readonly keyPackage: KeyPackageStruct };

/** A message of another wire format (RFC 9420 §17.2), which a feature may know. */
export interface OtherMessage {
  readonly wireFormat: number;
  /** All that follows the wire format. */
  readonly body: Uint8Array;
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
// A message is all of its input, so that the end of an unknown one is known.
const otherBody: Codec<object> = {
  size: ({ body }: { body?: Uint8Array }) => body?.length ?? 0,
  write: (writer, { body }: { body?: Uint8Array }) => writer.bytes(body ?? new Uint8Array()),
  read: (reader) => ({ body: reader.bytes(reader.remaining) }),
};

const formats = select<WireMessage, "wireFormat">(
  "wireFormat",
  uint16 as Codec<WireFormat>,
  {
    [WireFormat.mlsPublicMessage]: struct<{ readonly publicMessage: PublicMessage }>({ publicMessage }),
    [WireFormat.mlsPrivateMessage]: struct<{ readonly privateMessage: PrivateMessage }>({ privateMessage }),
    [WireFormat.mlsWelcome]: struct<{ readonly welcome: Welcome }>({ welcome }),
    [WireFormat.mlsGroupInfo]: struct<{ readonly groupInfo: GroupInfo }>({ groupInfo }),
    [WireFormat.mlsKeyPackage]: struct<{ readonly keyPackage: KeyPackageStruct }>({
      keyPackage: keyPackageStruct,
    }),
  },
  otherBody,
) as Codec<WireMessage | OtherMessage>;

const mlsMessage: Codec<WireMessage | OtherMessage> = {
  size: (message) => 2 + formats.size(message),
  write: (writer, message) => {
    writer.uint16(ProtocolVersion.mls10);
    formats.write(writer, message);
  },
  read: (reader) => {
    mls10.read(reader);
    return formats.read(reader);
  },
};

/** Reads version and wire format, and leaves the body. @throws MlsError `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_DECODE` */
export function readMessageHeader(reader: Reader): number {
  mls10.read(reader);
  return reader.uint16();
}

/** @throws MlsError `ERR_MLS_ENCODE` */
export function encodeMlsMessage(message: WireMessage | OtherMessage): Uint8Array {
  return encode(mlsMessage, message);
}

/**
 * Decodes an MLSMessage of any wire format; an unknown one keeps its body as it is.
 * @param maxSize longest message taken, in bytes
 * @param options how its inside is read
 * @throws MlsError `ERR_MLS_LIMIT`, `ERR_MLS_DECODE`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_USAGE`
 */
export function decodeOpenMessage(
  bytes: Uint8Array,
  maxSize: number = Number.POSITIVE_INFINITY,
  options?: ReadOptions,
): WireMessage | OtherMessage {
  if (isBytes(bytes) && bytes.length > maxSize) {
    throw new MlsError("ERR_MLS_LIMIT", `a message of ${bytes.length} bytes is longer than ${maxSize}`);
  }
  const message = decode(mlsMessage, bytes, options);
  if ("keyPackage" in message && message.keyPackage.version !== ProtocolVersion.mls10) {
    throw violation("valn0205", "the KeyPackage's version differs from its MLSMessage's"); // RFC 9420 §10
  }
  return message;
}

/**
 * Decodes an MLSMessage of a wire format of RFC 9420; see {@link decodeOpenMessage}.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_WIRE_FORMAT` rule rfc06 for another one
 */
export function decodeMlsMessage(bytes: Uint8Array, maxSize?: number, options?: ReadOptions): WireMessage {
  const message = decodeOpenMessage(bytes, maxSize, options);
  if ("body" in message) {
    throw unsupportedWireFormat(message.wireFormat);
  }
  return message;
}

/** A message of a wire format that is not spoken here (RFC 9420 §6). */
export function unsupportedWireFormat(wireFormat: number): MlsError {
  return new MlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT", `wire format ${wireFormat}`, {
    rule: "rfc06",
    details: { wireFormat },
  });
}
