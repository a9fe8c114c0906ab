import { bytesToKey, deepCopy, equalBytes, MlsError, Secret, type Signer, wipe } from "@openmls-ts/traits";
import type { LeafNodeParameters } from "../commit/index.ts";
import { checkSigner } from "../credential/index.ts";
import {
  type AuthenticatedContent,
  type Content,
  encodeMlsMessage,
  type FramedContent,
  type LeafNode,
  type Proposal,
  type Update,
} from "../wire/index.ts";
import { sealPrivate } from "../protection/private-protection.ts";
import { proposalRef } from "../protection/proposal-ref.ts";
import { protectPublic } from "../protection/public-protection.ts";
import { signContent } from "../protection/signing.ts";
import { ContentType, LeafNodeSource, ProposalType, SenderType, WireFormat } from "../registry.ts";
import { signLeaf, validateLeaf } from "../tree/leaf-validation.ts";
import { Batch } from "./batch.ts";
import type { GroupState } from "./group-state.ts";
import { addProposal, checkProposal } from "./proposal-store.ts";
import { indexId } from "./records.ts";

/** Our leaf in the current epoch. */
export function ownLeafNode(state: GroupState): LeafNode {
  const leaf = state.epoch.tree.leaf(state.ownLeaf);
  if (leaf === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "our leaf is blank");
  }
  return leaf;
}

/** The wire format of our proposals and commits. */
export function handshakeFormat(
  state: GroupState,
): typeof WireFormat.mlsPublicMessage | typeof WireFormat.mlsPrivateMessage {
  return state.config.handshake === "public" ? WireFormat.mlsPublicMessage : WireFormat.mlsPrivateMessage;
}

function frame(state: GroupState, content: Content, authenticatedData: Uint8Array): FramedContent {
  const { groupId, epoch } = state.epoch.groupContext;
  return {
    groupId,
    epoch,
    sender: { senderType: SenderType.member, leafIndex: state.ownLeaf },
    authenticatedData: deepCopy(authenticatedData),
    ...content,
  };
}

/**
 * Puts a signed message of ours into its wire form. For a PrivateMessage the key is taken here, synchronously; the
 * caller writes `state.saveMessageKeys` before the bytes leave.
 */
export async function protect(state: GroupState, authenticated: AuthenticatedContent): Promise<Uint8Array> {
  const { env, epoch, ownLeaf, config } = state;
  if (authenticated.wireFormat === WireFormat.mlsPublicMessage) {
    const publicMessage = protectPublic(
      env.suite,
      authenticated,
      epoch.secrets.membershipKey,
      epoch.groupContext,
    );
    return encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage });
  }
  const { content } = authenticated;
  const isApplication = content.contentType === ContentType.application;
  const ratchetKey = state.secretTree.next(ownLeaf, isApplication ? "application" : "handshake");
  const size = isApplication ? content.applicationData.length : 0;
  const { paddingSize } = config;
  const padding = isApplication && paddingSize > 1 ? (paddingSize - (size % paddingSize)) % paddingSize : 0;
  const privateMessage = await sealPrivate(env.suite, {
    authenticated,
    senderDataSecret: epoch.secrets.senderDataSecret,
    ratchetKey,
    padding,
  });
  return encodeMlsMessage({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage });
}

/** Writes the batch with the message keys that were taken for what it releases. */
export async function writeSent(state: GroupState, batch: Batch): Promise<void> {
  const { secretTree } = state;
  state.saveMessageKeys(batch, secretTree, state.epoch.groupContext.epoch);
  await state.write(batch);
  secretTree.markSaved();
}

/** An application message (RFC 9420 §15). @throws MlsError `ERR_MLS_PENDING_PROPOSALS`, `ERR_MLS_GROUP_INACTIVE` */
export async function createMessage(
  state: GroupState,
  signer: Signer,
  data: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<Uint8Array> {
  state.requireActive();
  if (state.proposals.length > 0) {
    // RFC 9420 §12.4
    throw new MlsError("ERR_MLS_PENDING_PROPOSALS", "commit to the pending proposals first", {
      rule: "rfc93",
    });
  }
  checkSigner(signer, ownLeafNode(state).signatureKey);
  const { suite } = state.env;
  const wireFormat = WireFormat.mlsPrivateMessage;
  const content = frame(
    state,
    { contentType: ContentType.application, applicationData: deepCopy(data) },
    authenticatedData,
  );
  const signature = await signContent(suite, signer, {
    wireFormat,
    content,
    context: state.epoch.groupContext,
  });
  const message = await protect(state, {
    wireFormat,
    content,
    auth: { signature, confirmationTag: undefined },
  });
  await writeSent(state, new Batch());
  return message;
}

/** What a proposal of ours became. */
export interface ProposalResult {
  /** The MLSMessage to send. */
  readonly message: Uint8Array;
  /** The ProposalRef (RFC 9420 §5.2). */
  readonly reference: Uint8Array;
}

/** Sends a proposal and keeps it for the commit. @throws MlsError */
export async function propose(
  state: GroupState,
  signer: Signer,
  given: Proposal,
  authenticatedData: Uint8Array,
  batch: Batch = new Batch(),
): Promise<ProposalResult> {
  state.requireActive();
  checkSigner(signer, ownLeafNode(state).signatureKey);
  const proposal = deepCopy(given);
  const { suite } = state.env;
  const wireFormat = handshakeFormat(state);
  const content = frame(state, { contentType: ContentType.proposal, proposal }, authenticatedData);
  await checkProposal(state, { proposal, sender: content.sender, reference: undefined }, true);
  const signature = await signContent(suite, signer, {
    wireFormat,
    content,
    context: state.epoch.groupContext,
  });
  const authenticated = { wireFormat, content, auth: { signature, confirmationTag: undefined } };
  const reference = proposalRef(suite, authenticated);
  const keep = addProposal(state, batch, { proposal, sender: content.sender, reference });
  const message = await protect(state, authenticated);
  await writeSent(state, batch);
  keep();
  return { message, reference };
}

/** Proposes a new leaf for this member (RFC 9420 §12.1.2) and keeps its private key. @throws MlsError */
export async function proposeSelfUpdate(
  state: GroupState,
  signer: Signer,
  parameters: LeafNodeParameters,
  newSigner: Signer,
  authenticatedData: Uint8Array,
): Promise<ProposalResult> {
  state.requireActive();
  const { env, epoch, ownLeaf, records } = state;
  const { suite } = env;
  const { groupContext, tree } = epoch;
  const leaf = ownLeafNode(state);
  const keys = await suite.deriveKeyPair(suite.randomBytes(suite.params.kem.privateKeyLength));
  const signatureKey = parameters.credentialWithKey?.signatureKey ?? leaf.signatureKey;
  checkSigner(newSigner, signatureKey);
  const unsigned = {
    encryptionKey: keys.publicKey,
    signatureKey,
    credential: parameters.credentialWithKey?.credential ?? leaf.credential,
    capabilities: parameters.capabilities ?? leaf.capabilities,
    leafNodeSource: LeafNodeSource.update,
    extensions: parameters.extensions ?? leaf.extensions,
  };
  const leafNode = await signLeaf(suite, newSigner, unsigned, {
    groupId: groupContext.groupId,
    leafIndex: ownLeaf,
  });
  validateLeaf(leafNode, {
    suite,
    expectedSource: LeafNodeSource.update,
    groupContextExtensions: groupContext.extensions,
    limits: env.limits,
    policy: env.policy,
    tree,
    replacesLeaf: ownLeaf,
  });
  const batch = new Batch();
  batch.put(records.record("own_update", keys.publicKey, keys.privateKey));
  const update: Update = { proposalType: ProposalType.update, leafNode };
  const result = await propose(state, signer, update, authenticatedData, batch);
  state.ownUpdates.set(bytesToKey(keys.publicKey), new Secret(keys.privateKey.slice()));
  wipe(keys.privateKey);
  return result;
}

/** Forgets a proposal of this epoch. @returns whether it was there */
export async function removeProposal(state: GroupState, reference: Uint8Array): Promise<boolean> {
  const found = state.proposals.find((stored) => equalBytes(stored.reference, reference));
  if (found === undefined) {
    return false;
  }
  const batch = new Batch();
  batch.delete(state.records.key("proposal", indexId(found.ordinal)));
  await state.write(batch);
  state.proposals = state.proposals.filter((stored) => stored !== found);
  return true;
}
