import {
  closedEnum,
  type Codec,
  dependent,
  empty,
  opaque,
  select,
  struct,
  uint16,
  uint64,
  uint8,
} from "../codec/index.ts";
import { type GroupContext, groupContext, mls10 } from "./group-context.ts";
import { commit, type Commit } from "./commit.ts";
import { proposal, type Proposal } from "./proposal.ts";
import { ContentType, ProtocolVersion, SenderType } from "../registry.ts";
import { type Sender, sender } from "./sender.ts";
import { digestBytes, idBytes, signatureBytes } from "./sizes.ts";

/** What a message says (RFC 9420 §6). */
export type Content =
  | { readonly contentType: typeof ContentType.application; readonly applicationData: Uint8Array }
  | { readonly contentType: typeof ContentType.proposal; readonly proposal: Proposal }
  | { readonly contentType: typeof ContentType.commit; readonly commit: Commit };

/** RFC 9420 §6 */
export type FramedContent = {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
} & Content;

export const contentType: Codec<ContentType> = closedEnum("ContentType", uint8, ContentType);

const contentBodies = {
  [ContentType.application]: struct<{ readonly applicationData: Uint8Array }>({ applicationData: opaque }),
  [ContentType.proposal]: struct<{ readonly proposal: Proposal }>({ proposal }),
  [ContentType.commit]: struct<{ readonly commit: Commit }>({ commit }),
} as const;

const content: Codec<Content> = select<Content, "contentType">("contentType", contentType, contentBodies);

/** The content without its type, as PrivateMessageContent starts with it (RFC 9420 §6.3.1). */
export function contentBody(type: ContentType): Codec<object> {
  return contentBodies[type];
}

/** What a FramedContent begins with, whatever it contains: enough to route a message. */
export interface FramedContentHeader {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
  readonly contentType: ContentType;
}

type FramedContentHead = Omit<FramedContentHeader, "contentType">;

//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       Sender sender;
//       opaque authenticated_data<V>;
//       ContentType content_type;
//       select (FramedContent.content_type) {
//           case application: opaque application_data<V>;
//           case proposal:    Proposal proposal;
//           case commit:      Commit commit;
//       };
//   } FramedContent;
const framedContentHead = struct<FramedContentHead>({
  groupId: idBytes,
  epoch: uint64,
  sender,
  authenticatedData: opaque,
});

/** RFC 9420 §6 */
export const framedContent: Codec<FramedContent> = dependent<FramedContentHead, Content>(
  framedContentHead,
  () => content,
);

/** Reads, and leaves the content. */
export const framedContentHeader: Codec<FramedContentHeader> = dependent<
  FramedContentHead,
  Pick<FramedContent, "contentType">
>(framedContentHead, () => struct<Pick<FramedContent, "contentType">>({ contentType }));

/** RFC 9420 §6.1. The confirmation tag is there exactly for commits. */
export interface FramedContentAuthData {
  readonly signature: Uint8Array;
  readonly confirmationTag: Uint8Array | undefined;
}

//   struct {
//       /* SignWithLabel(., "FramedContentTBS", FramedContentTBS) */
//       opaque signature<V>;
//       select (FramedContent.content_type) {
//           case commit:      MAC confirmation_tag;
//           case application:
//           case proposal:    struct{};
//       };
//   } FramedContentAuthData;
/** A field that is not there. */
export const absent: Codec<Uint8Array | undefined> = {
  size: () => 0,
  write: () => undefined,
  read: () => undefined,
};

/** The auth data of a content type (RFC 9420 §6.1). */
export function framedContentAuthData(type: ContentType): Codec<FramedContentAuthData> {
  return struct<FramedContentAuthData>({
    signature: signatureBytes,
    confirmationTag: type === ContentType.commit ? digestBytes : absent,
  });
}

/** RFC 9420 §6 */
export interface AuthenticatedContent {
  readonly wireFormat: number;
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
}

//   struct {
//       WireFormat wire_format;
//       FramedContent content;
//       FramedContentAuthData auth;
//   } AuthenticatedContent;
type AuthenticatedContentHead = Pick<AuthenticatedContent, "wireFormat" | "content">;

/** RFC 9420 §6 */
export const authenticatedContent: Codec<AuthenticatedContent> = dependent<
  AuthenticatedContentHead,
  Pick<AuthenticatedContent, "auth">
>(struct<AuthenticatedContentHead>({ wireFormat: uint16, content: framedContent }), (head) =>
  struct<Pick<AuthenticatedContent, "auth">>({ auth: framedContentAuthData(head.content.contentType) }),
);

/** RFC 9420 §6.1 */
export interface FramedContentTbs {
  readonly wireFormat: number;
  readonly content: FramedContent;
  /** Present exactly for senders `member` and `newMemberCommit`. */
  readonly context: GroupContext | undefined;
}

//   struct {
//       ProtocolVersion version = mls10;
//       WireFormat wire_format;
//       FramedContent content;
//       select (FramedContentTBS.content.sender.sender_type) {
//           case member:
//           case new_member_commit:   GroupContext context;
//           case external:
//           case new_member_proposal: struct{};
//       };
//   } FramedContentTBS;
const tbsHead = struct<{ version: number; wireFormat: number; content: FramedContent }>({
  version: mls10,
  wireFormat: uint16,
  content: framedContent,
});

/** Whether the signature of a sender covers the GroupContext (RFC 9420 §6.1). */
export function coversContext(type: SenderType): boolean {
  return type === SenderType.member || type === SenderType.newMemberCommit;
}

const tbs = dependent<
  { version: number; wireFormat: number; content: FramedContent },
  { context?: GroupContext }
>(tbsHead, ({ content: { sender: from } }) =>
  coversContext(from.senderType) ? struct<{ context: GroupContext }>({ context: groupContext }) : empty,
);

/** FramedContentTBS (RFC 9420 §6.1): written, never read. */
export const framedContentTbs: Pick<Codec<FramedContentTbs>, "size" | "write"> = {
  size: (value) => tbs.size(withVersion(value)),
  write: (writer, value) => tbs.write(writer, withVersion(value)),
};

function withVersion(value: FramedContentTbs): Parameters<typeof tbs.size>[0] {
  const { wireFormat: format, content: framed, context } = value;
  return {
    version: ProtocolVersion.mls10,
    wireFormat: format,
    content: framed,
    ...(context === undefined ? {} : { context }),
  };
}
