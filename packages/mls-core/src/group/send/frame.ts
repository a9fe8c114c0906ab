import { MlsError, type Signer, wipe } from "@openmls-ts/traits";
import type { Environment } from "../../feature/index.ts";
import { sealPrivate } from "../../protection/private-protection.ts";
import { protectPublic } from "../../protection/public-protection.ts";
import { signContent } from "../../protection/signing.ts";
import { ContentType, SenderType, WireFormat } from "../../registry.ts";
import { type GroupRecords, type MemberState, writeMessageKeys } from "../../store/index.ts";
import {
  type AuthenticatedContent,
  type Content,
  encodeMlsMessage,
  type FramedContent,
  type GroupContext,
  type LeafNode,
} from "../../wire/index.ts";
import type { Transaction } from "../handle.ts";
import { isRestored } from "../restored.ts";
import { paddingFor } from "./padding.ts";

/** What sending needs of the group's handle. */
export interface Room {
  readonly env: Environment;
  readonly records: GroupRecords;
}

/** Our leaf in the current epoch. */
export function ownLeafNode({ epoch, ownLeaf }: MemberState): LeafNode {
  const leaf = epoch.tree.leaf(ownLeaf);
  if (leaf === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "our leaf is blank");
  }
  return leaf;
}

/**
 * The wire format of our proposals and commits. A copy of a state sends its one commit in the clear: under no message key.
 * @throws MlsError `ERR_MLS_RESTORED` for a copy where the group's rules want it encrypted
 */
export function handshakeFormat(
  { env: { rules } }: Pick<Room, "env">,
  { config, restored }: MemberState,
): number {
  if (restored !== "no") {
    if (rules.handshake === "private") {
      throw isRestored("the group's rules allow no PublicMessage, so join again");
    }
    return WireFormat.mlsPublicMessage;
  }
  const format = rules.handshake === "any" ? config.handshake : rules.handshake;
  return format === "public" ? WireFormat.mlsPublicMessage : WireFormat.mlsPrivateMessage;
}

/** Authenticated and application data are what the group's features say they are. @throws MlsError of the feature */
export function checkContent(
  { features }: Environment,
  context: GroupContext,
  content: Pick<FramedContent, "authenticatedData"> & (Content | { readonly contentType?: undefined }),
): void {
  features.coder("authenticatedData", context)?.check(content.authenticatedData, context);
  if (content.contentType === ContentType.application) {
    features.coder("applicationData", context)?.check(content.applicationData, context);
  }
}

/** Authenticated data of a caller, or what stands for nothing in the group. */
export function authenticatedDataFor(
  { features }: Environment,
  context: GroupContext,
  data: Uint8Array = new Uint8Array(),
): Uint8Array {
  return data.length > 0 ? data : (features.coder("authenticatedData", context)?.nothing ?? data);
}

/** Content of ours, signed for its wire format. */
export async function signOwn(
  { env }: Room,
  { epoch, ownLeaf }: MemberState,
  signer: Signer,
  wireFormat: number,
  content: Content,
  given: Uint8Array,
): Promise<AuthenticatedContent> {
  const { groupId, epoch: number } = epoch.groupContext;
  const authenticatedData = authenticatedDataFor(env, epoch.groupContext, given);
  checkContent(env, epoch.groupContext, { authenticatedData, ...content });
  const sender = { senderType: SenderType.member, leafIndex: ownLeaf };
  const framed: FramedContent = { groupId, epoch: number, sender, authenticatedData, ...content };
  const context = epoch.groupContext;
  const signature = await signContent(env.suite, signer, { wireFormat, content: framed, context });
  return { wireFormat, content: framed, auth: { signature, confirmationTag: undefined } };
}

/**
 * Puts a signed message of ours into its wire form. The key of a PrivateMessage is reserved here, at once and for good;
 * its use is written with the operation, before the bytes leave.
 * @throws MlsError `ERR_MLS_LIMIT` for a message that no receiver takes
 */
export async function protect(
  { env, records }: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  authenticated: AuthenticatedContent,
): Promise<Uint8Array> {
  const { epoch, ownLeaf, config, secretTree } = state;
  const { suite, limits } = env;
  const { content, wireFormat } = authenticated;
  if (wireFormat === WireFormat.mlsPublicMessage) {
    const publicMessage = protectPublic(
      suite,
      authenticated,
      epoch.secrets.membershipKey,
      epoch.groupContext,
    );
    return checkSize(limits.maxMessageSize, encodeMlsMessage({ wireFormat, publicMessage }));
  }
  const isApplication = content.contentType === ContentType.application;
  const size = isApplication ? content.applicationData.length : 0;
  const padding = isApplication ? paddingFor(size, config.paddingSize) : 0;
  if (size + padding > limits.maxMessageSize) {
    throw tooLong(size, limits.maxMessageSize);
  }
  const planned = secretTree.take(ownLeaf, isApplication ? "application" : "handshake");
  try {
    if (isApplication && planned.generation >= limits.maxMessagesPerEpoch) {
      // RFC 9420 §15.2
      throw new MlsError("ERR_MLS_LIMIT", "too many messages in one epoch: commit first", { rule: "rfc33" });
    }
    const privateMessage = await sealPrivate(suite, {
      authenticated,
      senderDataSecret: epoch.secrets.senderDataSecret,
      ratchetKey: planned,
      padding,
    });
    const message = encodeMlsMessage({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage });
    checkSize(limits.maxMessageSize, message);
    writeMessageKeys(transaction.batch, records, epoch.groupContext.epoch, planned.changes);
    transaction.commit({}, () => {
      secretTree.apply(planned);
      planned.wipe();
    });
    return message;
  } catch (error) {
    planned.wipe();
    throw error;
  }
}

function tooLong(length: number, limit: number): MlsError {
  return new MlsError("ERR_MLS_LIMIT", `a message of ${length} bytes is longer than ${limit}`);
}

function checkSize(limit: number, message: Uint8Array): Uint8Array {
  if (message.length > limit) {
    wipe(message);
    throw tooLong(message.length, limit);
  }
  return message;
}
