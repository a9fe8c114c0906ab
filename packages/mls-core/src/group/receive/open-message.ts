import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import type { Environment } from "../../feature/index.ts";
import { openPrivate } from "../../protection/private-protection.ts";
import { checkPublic } from "../../protection/public-protection.ts";
import { checkSenderContent, type ExternalProposals } from "../../protection/sender-rules.ts";
import { openSenderData } from "../../protection/sender-data.ts";
import { ContentType, SenderType, WireFormat } from "../../registry.ts";
import type { PlannedKey, SecretTree } from "../../secret-tree/index.ts";
import { type MemberState, type PublicState, ratchetWindow } from "../../store/index.ts";
import type {
  AuthenticatedContent,
  CredentialWithKey,
  FramedContent,
  PrivateMessage,
  PublicMessage,
} from "../../wire/index.ts";
import { checkContent } from "../send/frame.ts";
import { authenticate, type SenderView } from "./authenticate.ts";

/** A message that proved genuine, with the key whose use is to be written. */
export interface OpenedMessage {
  readonly authenticated: AuthenticatedContent;
  readonly from: CredentialWithKey;
  /** Of a PrivateMessage. */
  readonly planned: PlannedKey | undefined;
  readonly secretTree: SecretTree | undefined;
}

/** For which group and epoch a message is. */
export interface MessageHeader {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

/** @throws MlsError `ERR_MLS_WRONG_GROUP` */
export function checkGroup({ epoch }: PublicState, header: MessageHeader): void {
  if (!equalBytes(header.groupId, epoch.groupContext.groupId)) {
    throw new MlsError("ERR_MLS_WRONG_GROUP", "the message is for another group", {
      rule: "rfc23",
      details: { groupId: header.groupId },
    });
  }
}

/** Handshake messages are for the current epoch only (RFC 9420 §12.4.2). @throws MlsError `ERR_MLS_WRONG_EPOCH` */
export function checkEpoch(state: PublicState, { groupId, epoch }: MessageHeader): void {
  const current = state.epoch.groupContext.epoch;
  if (epoch !== current) {
    throw new MlsError("ERR_MLS_WRONG_EPOCH", `a message of epoch ${epoch} in epoch ${current}`, {
      rule: "rfc35",
      details: { groupId, epoch, current },
    });
  }
}

/** The leaves of the current epoch. */
export function currentView({ epoch }: PublicState): SenderView {
  const { groupContext, tree } = epoch;
  return { groupContext, leaf: (leafIndex) => tree.leaf(leafIndex) };
}

/** Which proposals external senders may send: what the table of proposal types says. */
export function mayPropose({ features }: Environment): ExternalProposals {
  return (type) => features.proposals.get(type)?.places.externalSender === true;
}

/**
 * What members send in the format that all of them agreed on; who is outside cannot encrypt, nor a feature's proposal that
 * others are to see.
 * @throws MlsError `ERR_MLS_POLICY`
 */
function checkFormat({ rules, features }: Environment, wireFormat: number, content: FramedContent): void {
  const { contentType, sender } = content;
  const agreed = rules.handshake === "public" ? WireFormat.mlsPublicMessage : WireFormat.mlsPrivateMessage;
  const free =
    rules.handshake === "any" ||
    contentType === ContentType.application ||
    sender.senderType !== SenderType.member ||
    (contentType === ContentType.proposal &&
      features.proposals.get(content.proposal.proposalType)?.publicOnly === true);
  if (!free && wireFormat !== agreed) {
    throw new MlsError("ERR_MLS_POLICY", `the group's rules ask for ${rules.handshake} handshake messages`, {
      details: { wireFormat },
    });
  }
}

/** Opens a PublicMessage of the current epoch; an observer takes the membership tag on trust. @throws MlsError */
export async function openPublicMessage(
  env: Environment,
  state: PublicState | MemberState,
  message: PublicMessage,
): Promise<OpenedMessage> {
  checkEpoch(state, message.content);
  const { groupContext } = state.epoch;
  let authenticated: AuthenticatedContent;
  if ("secrets" in state.epoch) {
    const { membershipKey } = state.epoch.secrets;
    authenticated = checkPublic(env.suite, message, membershipKey, groupContext, mayPropose(env));
  } else {
    const { content, auth } = message;
    if (content.contentType === ContentType.application) {
      throw violation("rfc20", "application data in the clear"); // RFC 9420 §6.2
    }
    checkSenderContent(content, mayPropose(env));
    authenticated = { wireFormat: WireFormat.mlsPublicMessage, content, auth };
  }
  checkFormat(env, WireFormat.mlsPublicMessage, authenticated.content);
  const from = await authenticate(env, currentView(state), authenticated);
  checkContent(env, groupContext, message.content);
  return { authenticated, from, planned: undefined, secretTree: undefined };
}

/** Where a PrivateMessage finds its keys: in the current epoch, or application data in a retained one (§15.3). */
interface Keys extends SenderView {
  readonly secretTree: SecretTree;
  readonly senderDataSecret: Parameters<typeof openSenderData>[1];
}

function keysFor(state: MemberState, message: PrivateMessage): Keys {
  if (message.contentType === ContentType.application) {
    const past = state.past.find(({ groupContext }) => groupContext.epoch === message.epoch);
    if (past !== undefined) {
      return past;
    }
  }
  checkEpoch(state, message);
  const { senderDataSecret } = state.epoch.secrets;
  return { ...currentView(state), secretTree: state.secretTree, senderDataSecret };
}

/**
 * Opens a PrivateMessage. Its key is planned as used, and nothing has changed yet.
 * @returns only the own leaf's credential for a message of ours, which is not opened
 * @throws MlsError
 */
export async function openPrivateMessage(
  env: Environment,
  state: MemberState,
  message: PrivateMessage,
): Promise<OpenedMessage | { readonly own: CredentialWithKey }> {
  const { suite } = env;
  const keys = keysFor(state, message);
  const senderData = await openSenderData(suite, keys.senderDataSecret, message);
  const { leafIndex, generation } = senderData;
  const leaf = keys.leaf(leafIndex);
  if (leaf === undefined) {
    throw violation("valn1306", `no member at leaf ${leafIndex}`); // RFC 9420 §6.3.2
  }
  if (leafIndex === state.ownLeaf) {
    return { own: leaf };
  }
  const kind = message.contentType === ContentType.application ? "application" : "handshake";
  const window = kind === "application" ? ratchetWindow(state.config, env.limits) : undefined;
  const planned = keys.secretTree.peek(leafIndex, kind, generation, window);
  try {
    const { key, nonce } = planned;
    const authenticated = await openPrivate(suite, message, senderData, key, nonce, env.reading);
    checkFormat(env, WireFormat.mlsPrivateMessage, authenticated.content);
    const from = await authenticate(env, keys, authenticated);
    checkContent(env, keys.groupContext, authenticated.content);
    return { authenticated, from, planned, secretTree: keys.secretTree };
  } catch (error) {
    planned.wipe();
    throw error;
  }
}

/** Whether a message is from this client itself. */
export function isOwn({ ownLeaf }: MemberState, { content }: AuthenticatedContent): boolean {
  const { sender } = content;
  return sender.senderType === SenderType.member && sender.leafIndex === ownLeaf;
}
