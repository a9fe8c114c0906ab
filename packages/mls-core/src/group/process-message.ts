import { deepCopy, equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { processCommit } from "../commit/index.ts";
import {
  type AuthenticatedContent,
  type CredentialWithKey,
  decodeMlsMessage,
  type MlsMessage,
  type PrivateMessage,
  type PublicMessage,
} from "../wire/index.ts";
import { openPrivate } from "../protection/private-protection.ts";
import { proposalRef } from "../protection/proposal-ref.ts";
import { checkPublic } from "../protection/public-protection.ts";
import { openSenderData } from "../protection/sender-data.ts";
import { ContentType, SenderType, WireFormat } from "../registry.ts";
import type { RatchetCandidate, SecretTree } from "../secret-tree/index.ts";
import { authenticate, type SenderView } from "./authenticate.ts";
import { Batch } from "./batch.ts";
import type { GroupState } from "./group-state.ts";
import { type ProcessedMessage, StagedCommit } from "./processed-message.ts";
import { addProposal, checkProposal } from "./proposal-store.ts";
import { resolveProposals } from "./resolve-commit.ts";
import { newSecretTree } from "./transitions.ts";

/** A message that proved genuine, with the key to mark as used. */
interface Opened {
  readonly authenticated: AuthenticatedContent;
  readonly from: CredentialWithKey;
  /** The ratchet key of a PrivateMessage. */
  readonly candidate: RatchetCandidate | undefined;
  readonly secretTree: SecretTree;
}

/**
 * Takes in one message from outside (RFC 9420 §6, 12.4.2). Whatever fails leaves the group as it was.
 * @throws MlsError
 */
export async function processMessage(state: GroupState, bytes: Uint8Array): Promise<ProcessedMessage> {
  state.requirePresent();
  const message = decodeMlsMessage(bytes, state.env.limits.maxMessageSize);
  const header = headerOf(message);
  if (!equalBytes(header.groupId, state.records.groupId)) {
    throw new MlsError("ERR_MLS_WRONG_GROUP", "the message is for another group", { rule: "rfc23" });
  }
  if (header.epoch + 1n === state.epoch.groupContext.epoch && isMergedCommit(state, bytes)) {
    const info = unopened(state, header, state.epoch.tree.leaf(state.ownLeaf));
    return { ...info, kind: "ownEcho", pendingCommit: false };
  }
  if (message.wireFormat === WireFormat.mlsPublicMessage) {
    checkEpoch(state, header.epoch);
    return processPublic(state, message.publicMessage, bytes);
  }
  if (message.wireFormat === WireFormat.mlsPrivateMessage) {
    return processPrivate(state, message.privateMessage, bytes);
  }
  throw new MlsError("ERR_MLS_USAGE", "not a message of a group");
}

interface MessageHeader {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

function headerOf(message: MlsMessage): MessageHeader {
  switch (message.wireFormat) {
    case WireFormat.mlsPublicMessage:
      return message.publicMessage.content;
    case WireFormat.mlsPrivateMessage:
      return message.privateMessage;
    default:
      throw new MlsError("ERR_MLS_USAGE", "not a message for a group");
  }
}

/** Handshake messages are for the current epoch only (RFC 9420 §12.4.2). */
function checkEpoch(state: GroupState, epoch: bigint): void {
  const current = state.epoch.groupContext.epoch;
  if (epoch !== current) {
    throw new MlsError("ERR_MLS_WRONG_EPOCH", `a message of epoch ${epoch} in epoch ${current}`, {
      rule: "rfc35",
      details: { epoch, current },
    });
  }
}

function currentView(state: GroupState): SenderView {
  const { groupContext, tree } = state.epoch;
  return { groupContext, leaf: (leafIndex) => tree.leaf(leafIndex) };
}

async function processPublic(
  state: GroupState,
  message: PublicMessage,
  bytes: Uint8Array,
): Promise<ProcessedMessage> {
  const { env, epoch } = state;
  const authenticated = checkPublic(env.suite, message, epoch.secrets.membershipKey, epoch.groupContext);
  const from = await authenticate(env, currentView(state), authenticated);
  const { sender } = authenticated.content;
  if (sender.senderType === SenderType.member && sender.leafIndex === state.ownLeaf) {
    return ownEcho(state, authenticated.content.contentType, bytes, infoOf(authenticated, from));
  }
  return handle(state, { authenticated, from, candidate: undefined, secretTree: state.secretTree });
}

/** Where a PrivateMessage finds its keys: in the current epoch, or application data in a retained one (§15.3). */
function keysFor(
  state: GroupState,
  message: PrivateMessage,
): SenderView & {
  readonly secretTree: SecretTree;
  readonly senderDataSecret: Parameters<typeof openSenderData>[1];
} {
  if (message.contentType === ContentType.application) {
    const past = state.past.find(({ groupContext }) => groupContext.epoch === message.epoch);
    if (past !== undefined) {
      return past;
    }
  }
  checkEpoch(state, message.epoch);
  const { secrets } = state.epoch;
  return { ...currentView(state), secretTree: state.secretTree, senderDataSecret: secrets.senderDataSecret };
}

async function processPrivate(
  state: GroupState,
  message: PrivateMessage,
  bytes: Uint8Array,
): Promise<ProcessedMessage> {
  const { suite } = state.env;
  const keys = keysFor(state, message);
  const senderData = await openSenderData(suite, keys.senderDataSecret, message);
  const { leafIndex, generation } = senderData;
  const leaf = keys.leaf(leafIndex);
  if (leaf === undefined) {
    throw violation("valn1306", `no member at leaf ${leafIndex}`); // RFC 9420 §6.3.2
  }
  if (leafIndex === state.ownLeaf) {
    return ownEcho(state, message.contentType, bytes, unopened(state, message, leaf));
  }
  const kind = message.contentType === ContentType.application ? "application" : "handshake";
  const candidate = keys.secretTree.peek(leafIndex, kind, generation);
  const authenticated = await openPrivate(suite, message, senderData, candidate.key, candidate.nonce);
  const from = await authenticate(state.env, keys, authenticated);
  return handle(state, { authenticated, from, candidate, secretTree: keys.secretTree });
}

async function handle(state: GroupState, opened: Opened): Promise<ProcessedMessage> {
  const { authenticated, from } = opened;
  const { content } = authenticated;
  const info = infoOf(authenticated, from);
  switch (content.contentType) {
    case ContentType.application: {
      await consume(state, opened, new Batch());
      return { ...info, kind: "application", data: content.applicationData };
    }
    case ContentType.proposal: {
      const proposal = {
        proposal: content.proposal,
        sender: content.sender,
        reference: proposalRef(state.env.suite, authenticated),
      };
      await checkProposal(state, proposal);
      const stored = content.sender.senderType === SenderType.member;
      const batch = new Batch();
      const keep = stored ? addProposal(state, batch, proposal) : undefined;
      if (stored || opened.candidate !== undefined) {
        await consume(state, opened, batch);
      }
      keep?.();
      return { ...info, kind: "proposal", proposal: deepCopy(proposal), stored };
    }
    case ContentType.commit: {
      return { ...info, kind: "commit", stagedCommit: await stageCommit(state, authenticated) };
    }
  }
}

/**
 * Works out a commit. Its message key is not marked as used here but goes with the epoch when the commit is merged, so
 * that a crash in between leaves the commit readable.
 */
async function stageCommit(state: GroupState, authenticated: AuthenticatedContent): Promise<StagedCommit> {
  const { env, config } = state;
  const { content } = authenticated;
  if (content.contentType !== ContentType.commit) {
    throw new MlsError("ERR_MLS_INTERNAL", "not a commit");
  }
  state.requireActive();
  const list = resolveProposals(
    content.commit,
    content.sender,
    state.proposals,
    env.limits.maxProposalsPerCommit,
  );
  if (content.sender.senderType === SenderType.newMemberCommit) {
    const refused = config.externalCommits === "refuse";
    if (refused || (config.externalCommits === "no-resync" && list.removes.length > 0)) {
      throw new MlsError("ERR_MLS_POLICY", "the group refuses this external commit", { rule: "rfc109" });
    }
  }
  const staged = await processCommit(env, state.epoch, state.ownLeaf, { authenticated, list }, (key) =>
    state.ownUpdateKey(key),
  );
  return new StagedCommit(staged, staged.next === undefined ? undefined : newSecretTree(env, staged.next));
}

/** Marks the message key as used and writes that, before anything of the message is handed out. */
async function consume(
  state: GroupState,
  { candidate, secretTree, authenticated }: Opened,
  batch: Batch,
): Promise<void> {
  const undo = candidate?.consume();
  try {
    state.saveMessageKeys(batch, secretTree, authenticated.content.epoch);
    await state.write(batch);
  } catch (error) {
    undo?.();
    throw error;
  }
  secretTree.markSaved();
}

type MessageInfo = Omit<Extract<ProcessedMessage, { kind: "application" }>, "kind" | "data">;

/** Whether these are the bytes of our commit that began the current epoch. */
function isMergedCommit({ env, handout }: GroupState, bytes: Uint8Array): boolean {
  return handout !== undefined && equalBytes(env.suite.hash(bytes), handout.commitHash);
}

/** What is known of a message of ours that was not opened again. */
function unopened(
  state: GroupState,
  { groupId, epoch }: MessageHeader,
  leaf: CredentialWithKey | undefined,
): MessageInfo {
  return {
    groupId,
    epoch,
    sender: { senderType: SenderType.member, leafIndex: state.ownLeaf },
    credential: deepCopy(leaf?.credential),
    authenticatedData: new Uint8Array(), // nothing vouches for what the message says
  };
}

function isPendingCommit(state: GroupState, bytes: Uint8Array): boolean {
  return state.pending !== undefined && equalBytes(state.pending.message, bytes);
}

function infoOf({ content }: AuthenticatedContent, { credential }: CredentialWithKey): MessageInfo {
  const { groupId, epoch, sender, authenticatedData } = content;
  return deepCopy({ groupId, epoch, sender, credential, authenticatedData });
}

function ownEcho(
  state: GroupState,
  contentType: ContentType,
  bytes: Uint8Array,
  info: MessageInfo,
): ProcessedMessage {
  const pendingCommit = isPendingCommit(state, bytes);
  if (contentType === ContentType.commit && !pendingCommit) {
    throw new MlsError("ERR_MLS_NO_PENDING_COMMIT", "a commit of ours that is not pending here", {
      rule: "trap30",
    });
  }
  return { ...info, kind: "ownEcho", pendingCommit };
}
