import { isBytes, MlsError } from "@openmls-ts/traits";
import { Reader, type ReadOptions } from "../codec/index.ts";
import { ExtensionType, SenderType, WireFormat } from "../registry.ts";
import type { Credential } from "./credential.ts";
import { type Extension, findExtension } from "./extension.ts";
import { type FramedContentHeader, framedContentHeader } from "./framed-content.ts";
import type { GroupContext } from "./group-context.ts";
import type { LeafNode } from "./leaf-node.ts";
import { decodeOpenMessage, readMessageHeader } from "./mls-message.ts";

/** The head of a PublicMessage. */
export interface PublicMessageSummary extends FramedContentHeader {
  readonly kind: "publicMessage";
  readonly wireFormat: number;
  /** Somebody joins by it: a commit of a new member (RFC 9420 §12.4.3.2). */
  readonly isExternalCommit: boolean;
}

/** The head of a PrivateMessage; who sent it is encrypted. */
export interface PrivateMessageSummary extends Omit<FramedContentHeader, "sender"> {
  readonly kind: "privateMessage";
  readonly wireFormat: number;
}

/** For whom a Welcome is. */
export interface WelcomeSummary {
  readonly kind: "welcome";
  readonly wireFormat: number;
  readonly cipherSuite: number;
  /** KeyPackageRefs. */
  readonly recipients: readonly Uint8Array[];
}

/** What a GroupInfo says; its signature is not verified. */
export interface GroupInfoSummary {
  readonly kind: "groupInfo";
  readonly wireFormat: number;
  readonly groupContext: GroupContext;
  /** Leaf index of the signer. */
  readonly signer: number;
  readonly extensions: readonly Extension[];
  readonly hasRatchetTree: boolean;
  /** Whether it lets clients join by an external commit. */
  readonly hasExternalPub: boolean;
}

/** What a KeyPackage says; nothing of it is verified. */
export interface KeyPackageSummary {
  readonly kind: "keyPackage";
  readonly wireFormat: number;
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly leafNode: LeafNode;
}

/** A message of a wire format that RFC 9420 does not define. */
export interface OtherMessageSummary {
  readonly kind: "other";
  readonly wireFormat: number;
  /** In bytes. */
  readonly bodyLength: number;
}

/** What can be said of a message before any group is loaded. Nothing of it is authenticated. */
export type MessageSummary =
  | PublicMessageSummary
  | PrivateMessageSummary
  | WelcomeSummary
  | GroupInfoSummary
  | KeyPackageSummary
  | OtherMessageSummary;

/** How {@link MlsMessage.read} reads. */
export interface ReadMessageOptions extends ReadOptions {
  /** Longest message taken, in bytes. Default: any. */
  readonly maxMessageSize?: number | undefined;
}

function read(bytes: Uint8Array, options: ReadMessageOptions = {}): MessageSummary {
  const { maxMessageSize = Number.POSITIVE_INFINITY } = options;
  if (!isBytes(bytes)) {
    throw new MlsError("ERR_MLS_USAGE", "a message is a Uint8Array");
  }
  if (bytes.length > maxMessageSize) {
    throw new MlsError("ERR_MLS_LIMIT", `a message is longer than ${maxMessageSize} bytes`);
  }
  const reader = new Reader(bytes, options);
  const wireFormat = readMessageHeader(reader);
  if (wireFormat === WireFormat.mlsPublicMessage) {
    // The content may be of a type that only the group's features can read.
    const head = framedContentHeader.read(reader);
    const isExternalCommit = head.sender.senderType === SenderType.newMemberCommit;
    return { kind: "publicMessage", wireFormat, isExternalCommit, ...head };
  }
  const message = decodeOpenMessage(bytes, maxMessageSize, options);
  if ("privateMessage" in message) {
    const { groupId, epoch, contentType, authenticatedData } = message.privateMessage;
    return { kind: "privateMessage", wireFormat, groupId, epoch, contentType, authenticatedData };
  }
  if ("welcome" in message) {
    const { cipherSuite, secrets } = message.welcome;
    return { kind: "welcome", wireFormat, cipherSuite, recipients: secrets.map((entry) => entry.newMember) };
  }
  if ("groupInfo" in message) {
    const { groupContext, signer, extensions } = message.groupInfo;
    return {
      kind: "groupInfo",
      wireFormat,
      groupContext,
      signer,
      extensions,
      hasRatchetTree: findExtension(extensions, ExtensionType.ratchetTree) !== undefined,
      hasExternalPub: findExtension(extensions, ExtensionType.externalPub) !== undefined,
    };
  }
  if ("keyPackage" in message) {
    const { cipherSuite, leafNode } = message.keyPackage;
    return { kind: "keyPackage", wireFormat, cipherSuite, credential: leafNode.credential, leafNode };
  }
  return { kind: "other", wireFormat, bodyLength: reader.remaining };
}

/** Looks at messages without a group. */
export const MlsMessage: {
  /**
   * What an MLSMessage says in the clear, for routing: its group and epoch, its recipients, its public parts.
   * The content of a PublicMessage is not read; whether it is well-formed shows when a group processes it.
   * @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_LIMIT`, `ERR_MLS_USAGE`
   */
  read(bytes: Uint8Array, options?: ReadMessageOptions): MessageSummary;
} = { read };
