import { deepCopy, equalBytes, MlsError, type MlsError as Refusal } from "@openmls-ts/traits";
import { followCommit, observeCommit } from "../../epoch/index.ts";
import type { Environment } from "../../feature/index.ts";
import { checkStandsByItself, entryOf } from "../../plan/index.ts";
import { proposalRef } from "../../protection/proposal-ref.ts";
import { ContentType, SenderType, WireFormat } from "../../registry.ts";
import { SecretTree } from "../../secret-tree/index.ts";
import { type MemberState, ownUpdateKey, type PublicState, writeMessageKeys } from "../../store/index.ts";
import {
  type AuthenticatedContent,
  type CredentialWithKey,
  decodeOpenMessage,
  type WireMessage,
  unsupportedWireFormat,
} from "../../wire/index.ts";
import type { Watch } from "../../work.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { keepProposal, resolveProposals } from "../known-proposals.ts";
import type { Room } from "../send/frame.ts";
import { processFeatureMessage } from "../feature-room.ts";
import {
  checkGroup,
  isOwn,
  type MessageHeader,
  type OpenedMessage,
  openPrivateMessage,
  openPublicMessage,
} from "./open-message.ts";
import type {
  MessageInfo,
  ProcessedMessage,
  ProcessedProposal,
  ProcessedPublicMessage,
} from "./processed-message.ts";
import { StagedCommit } from "./staged-commit.ts";

/** What a member's group remembers in memory between messages. */
export interface Attention {
  /** Proposals from outside that wait for the application, by reference. */
  offer(proposal: ProcessedProposal, message: Uint8Array): void;
  /** Commits that remove somebody and are staged now. */
  readonly removals: Set<object>;
}

function headerOf(message: WireMessage): MessageHeader {
  switch (message.wireFormat) {
    case WireFormat.mlsPublicMessage:
      return message.publicMessage.content;
    case WireFormat.mlsPrivateMessage:
      return message.privateMessage;
    default:
      throw new MlsError("ERR_MLS_USAGE", "a Welcome, GroupInfo or KeyPackage is no message for a group");
  }
}

/** @throws MlsError `ERR_MLS_UNSUPPORTED_WIRE_FORMAT`, and as decoding */
function read(env: Environment, bytes: Uint8Array): ReturnType<typeof decodeOpenMessage> {
  return decodeOpenMessage(bytes, env.limits.maxMessageSize, env.reading);
}

/**
 * Takes in one message from outside (RFC 9420 §6, 12.4.2). Whatever fails leaves the group as it was, but for the key of
 * a message that proved genuine.
 * @throws MlsError
 */
export async function processMessage(
  room: Parameters<typeof processFeatureMessage>[0],
  state: MemberState,
  transaction: Transaction<MemberState>,
  bytes: Uint8Array,
  attention: Attention,
  watch?: Watch,
): Promise<ProcessedMessage | Refusal> {
  requireActive(state, true);
  const { env } = room;
  const message = read(env, bytes);
  if ("body" in message) {
    return processFeatureMessage(room, state, transaction, message);
  }
  const header = headerOf(message);
  checkGroup(state, header);
  const { handout, epoch, ownLeaf } = state;
  if (header.epoch + 1n === epoch.groupContext.epoch && handout !== undefined) {
    if (equalBytes(env.suite.hash(bytes), handout.commitHash)) {
      return { ...unopened(state, header, epoch.tree.leaf(ownLeaf)), kind: "ownEcho", pendingCommit: false };
    }
  }
  if (message.wireFormat === WireFormat.mlsPublicMessage) {
    const opened = await openPublicMessage(env, state, message.publicMessage);
    const { authenticated, from } = opened;
    return isOwn(state, authenticated)
      ? ownEcho(state, authenticated.content.contentType, bytes, infoOf(authenticated, from))
      : handle(room, state, transaction, opened, bytes, attention, watch);
  }
  if (message.wireFormat !== WireFormat.mlsPrivateMessage) {
    throw unsupportedWireFormat(message.wireFormat);
  }
  const { privateMessage } = message;
  const opened = await openPrivateMessage(env, state, privateMessage);
  return "own" in opened
    ? ownEcho(state, privateMessage.contentType, bytes, unopened(state, privateMessage, opened.own))
    : handle(room, state, transaction, opened, bytes, attention, watch);
}

/** What an observer makes of a handshake message in the clear (RFC 9420 §6.2). @throws MlsError */
export async function processPublicMessage(
  room: Room,
  state: PublicState,
  transaction: Transaction<PublicState>,
  bytes: Uint8Array,
  attention: Attention,
  watch?: Watch,
): Promise<ProcessedPublicMessage> {
  requireActive(state);
  const { env } = room;
  const message = read(env, bytes);
  if ("body" in message) {
    throw unsupportedWireFormat(message.wireFormat);
  }
  checkGroup(state, headerOf(message));
  if (message.wireFormat !== WireFormat.mlsPublicMessage) {
    throw new MlsError("ERR_MLS_USAGE", "an observer reads public messages only");
  }
  const { authenticated, from } = await openPublicMessage(env, state, message.publicMessage);
  const { content } = authenticated;
  const info = infoOf(authenticated, from);
  if (content.contentType !== ContentType.commit) {
    return takeProposal(room, state, transaction, authenticated, info, bytes, attention);
  }
  const proposals = resolveProposals(content.commit, content.sender, state.proposals);
  const staged = await observeCommit({ ...env, watch }, state.epoch, { authenticated, proposals });
  const inside = { staged, secretTree: undefined, spent: undefined, onDiscard: () => undefined };
  return { ...info, kind: "commit", stagedCommit: new StagedCommit(inside) };
}

async function handle(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  opened: OpenedMessage,
  bytes: Uint8Array,
  attention: Attention,
  watch: Watch | undefined,
): Promise<ProcessedMessage | Refusal> {
  const { authenticated, from, planned } = opened;
  const { content } = authenticated;
  const info = infoOf(authenticated, from);
  if (content.contentType === ContentType.commit) {
    const spent =
      planned !== undefined && content.sender.senderType === SenderType.member ? content.sender : undefined;
    planned?.wipe(); // its use is written with the merge, which a crash may not precede
    return {
      ...info,
      kind: "commit",
      stagedCommit: await stageCommit({ ...room.env, watch }, state, authenticated, spent, attention),
    };
  }
  spend(room, transaction, opened);
  if (content.contentType === ContentType.application) {
    return {
      ...info,
      kind: "application",
      data: content.applicationData,
      generation: planned?.generation ?? 0,
    };
  }
  try {
    return takeProposal(room, state, transaction, authenticated, info, bytes, attention);
  } catch (error) {
    // RFC 9420 §9.2: the message was genuine, so its key is spent, whatever becomes of what it says
    if (planned !== undefined && error instanceof MlsError) {
      return error;
    }
    throw error;
  }
}

/** Marks the message key as used: written, and put in force, before anything of the message is handed out. */
function spend({ records }: Room, { batch, commit }: Transaction<MemberState>, opened: OpenedMessage): void {
  const { planned, secretTree, authenticated } = opened;
  if (planned === undefined || secretTree === undefined) {
    return;
  }
  writeMessageKeys(batch, records, authenticated.content.epoch, planned.changes);
  commit({}, () => {
    secretTree.apply(planned);
    planned.wipe();
  });
}

/** On receipt a proposal is kept if its sender may send such: what it is worth shows in a commit (RFC 9420 §12.1). */
function takeProposal<S extends PublicState>(
  room: Room,
  state: S,
  transaction: Transaction<S>,
  authenticated: AuthenticatedContent,
  info: MessageInfo,
  bytes: Uint8Array,
  attention: Attention,
): ProcessedProposal {
  const { env } = room;
  const { content, wireFormat } = authenticated;
  if (content.contentType !== ContentType.proposal) {
    throw new MlsError("ERR_MLS_INTERNAL", "not a proposal");
  }
  requireActive(state); // RFC 9420 §11.2
  const entry = entryOf(env.features, content);
  checkStandsByItself(entry);
  if (entry.publicOnly === true && wireFormat !== WireFormat.mlsPublicMessage) {
    throw new MlsError("ERR_MLS_VALIDATION", `${entry.name} is sent in the clear`, { rule: "rfc22" });
  }
  const reference = proposalRef(env.suite, authenticated);
  const proposal = { proposal: content.proposal, sender: content.sender, reference };
  const stored = content.sender.senderType === SenderType.member;
  const processed: ProcessedProposal = { ...info, kind: "proposal", proposal: deepCopy(proposal), stored };
  if (stored) {
    keepProposal(room, state, transaction, proposal, bytes);
  } else {
    attention.offer({ ...processed, proposal }, bytes);
  }
  return processed;
}

/** Works out a commit; nothing is written, so that a crash leaves the commit readable. */
async function stageCommit(
  env: Environment,
  state: MemberState,
  authenticated: AuthenticatedContent,
  spent: { readonly leafIndex: number } | undefined,
  { removals }: Attention,
): Promise<StagedCommit> {
  const { content } = authenticated;
  if (content.contentType !== ContentType.commit) {
    throw new MlsError("ERR_MLS_INTERNAL", "not a commit");
  }
  requireActive(state);
  const proposals = resolveProposals(content.commit, content.sender, state.proposals);
  const member = {
    epoch: state.epoch,
    ownLeaf: state.ownLeaf,
    ownUpdateKey: (key: Uint8Array) => ownUpdateKey(state, key),
  };
  const staged = await followCommit(env, member, { authenticated, proposals });
  const mark = {};
  if (staged.summary.removed.length > 0) {
    removals.add(mark);
  }
  return new StagedCommit({
    staged,
    secretTree: staged.next === undefined ? undefined : newSecretTree(env, staged.next),
    spent,
    ownLeaf: state.ownLeaf,
    onDiscard: () => removals.delete(mark),
  });
}

/** The message keys of an epoch that begins; takes over its encryption secret (RFC 9420 §9). */
export function newSecretTree(
  { suite, limits }: Environment,
  { tree, secrets }: MemberState["epoch"],
): SecretTree {
  return SecretTree.create(suite, tree.leafCount, secrets.takeEncryptionSecret(), limits);
}

/** What is known of a message of ours that was not opened again. */
function unopened(
  { ownLeaf }: MemberState,
  { groupId, epoch }: MessageHeader,
  leaf: CredentialWithKey | undefined,
): MessageInfo {
  return {
    groupId,
    epoch,
    sender: { senderType: SenderType.member, leafIndex: ownLeaf },
    credential: deepCopy(leaf?.credential),
    authenticatedData: new Uint8Array(), // nothing vouches for what the message says
  };
}

function infoOf({ content }: AuthenticatedContent, { credential }: CredentialWithKey): MessageInfo {
  const { groupId, epoch, sender, authenticatedData } = content;
  return deepCopy({ groupId, epoch, sender, credential, authenticatedData });
}

function ownEcho(
  { pending }: MemberState,
  contentType: ContentType,
  bytes: Uint8Array,
  info: MessageInfo,
): ProcessedMessage {
  const pendingCommit = pending !== undefined && equalBytes(pending.message, bytes);
  if (contentType === ContentType.commit && !pendingCommit) {
    throw new MlsError("ERR_MLS_NO_PENDING_COMMIT", "a commit of ours that is not pending here", {
      rule: "trap30",
    });
  }
  return { ...info, kind: "ownEcho", pendingCommit };
}
