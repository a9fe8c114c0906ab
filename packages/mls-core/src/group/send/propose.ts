import type { MlsError } from "@openmls-ts/traits";
import { bytesToKey, Secret, type Signer, violation, wipe } from "@openmls-ts/traits";
import { checkSigner } from "../../credential/index.ts";
import { freshKeys, makeOwnLeaf, type OwnLeaf, ownCapabilities } from "../../key-package/index.ts";
import { checkStandsByItself, entryOf, makePlan } from "../../plan/index.ts";
import { proposalRef } from "../../protection/proposal-ref.ts";
import { ContentType, LeafNodeSource, ProposalType, SenderType, WireFormat } from "../../registry.ts";
import type { MemberState } from "../../store/index.ts";
import type { Proposal, QueuedProposal } from "../../wire/index.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { keepProposal, wantProposal } from "../known-proposals.ts";
import { requireOwnKeys } from "../restored.ts";
import { type LeafNodeParameters, type ProposalDraft, resolveDraft } from "./drafts.ts";
import { handshakeFormat, ownLeafNode, protect, type Room, signOwn } from "./frame.ts";

/** What a proposal of ours became. */
export interface ProposalResult {
  /** The MLSMessage to send. */
  readonly message: Uint8Array;
  /** The ProposalRef (RFC 9420 §5.2). */
  readonly reference: Uint8Array;
}

/** What our leaf becomes with some parameters. */
export async function changedLeaf(
  room: Room,
  state: MemberState,
  parameters: LeafNodeParameters,
): Promise<OwnLeaf> {
  const { signatureKey, credential, capabilities, extensions } = ownLeafNode(state);
  return {
    signatureKey,
    credential,
    ...parameters.credentialWithKey,
    capabilities:
      parameters.capabilities === undefined
        ? capabilities
        : await ownCapabilities(room.env, parameters.capabilities),
    extensions: parameters.extensions ?? extensions,
  };
}

/** Sends a proposal and keeps it for the commit (RFC 9420 §12.1). @throws MlsError as a receiver would refuse it */
export async function propose(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  signer: Signer,
  draft: ProposalDraft,
  authenticatedData: Uint8Array,
): Promise<ProposalResult> {
  requireActive(state);
  requireOwnKeys(state);
  checkSigner(signer, ownLeafNode(state).signatureKey);
  const { env } = room;
  const proposal =
    draft.draft === "update"
      ? await makeUpdate(room, state, transaction, draft.parameters, draft.newSigner ?? signer)
      : resolveDraft(env, state.epoch.tree, draft);
  const entry = entryOf(env.features, { proposal });
  checkStandsByItself(entry);
  const isLike = (known: QueuedProposal): boolean =>
    known.proposal.proposalType === entry.type &&
    known.sender.senderType === SenderType.member &&
    known.sender.leafIndex === state.ownLeaf;
  if (entry.once !== undefined && state.proposals.some(isLike)) {
    throw violation(entry.once, `${entry.name} was sent in this epoch already`);
  }
  await checkOwn(room, state, proposal);
  const wireFormat = entry.publicOnly === true ? WireFormat.mlsPublicMessage : handshakeFormat(room, state);
  const content = { contentType: ContentType.proposal, proposal };
  const authenticated = await signOwn(room, state, signer, wireFormat, content, authenticatedData);
  const reference = proposalRef(env.suite, authenticated);
  const message = await protect(room, state, transaction, authenticated);
  const queued = { proposal, sender: authenticated.content.sender, reference };
  if (!wantProposal(room, state, transaction, reference, true)) {
    keepProposal(room, state, transaction, queued, message);
  }
  return { message: message.slice(), reference: reference.slice() };
}

/** A new leaf of ours, whose private key is kept until the epoch ends (RFC 9420 §12.1.2). */
async function makeUpdate(
  room: Room,
  state: MemberState,
  { batch, commit }: Transaction<MemberState>,
  parameters: LeafNodeParameters,
  newSigner: Signer,
): Promise<Proposal> {
  const { env, records } = room;
  const { groupId } = state.epoch.groupContext;
  const { publicKey, privateKey } = await freshKeys(env);
  try {
    const leaf = await changedLeaf(room, state, parameters);
    const origin = { encryptionKey: publicKey, leafNodeSource: LeafNodeSource.update };
    const leafNode = await makeOwnLeaf(env, newSigner, leaf, origin, { groupId, leafIndex: state.ownLeaf });
    batch.put(records.record("own_update", publicKey, privateKey));
    const secret = new Secret(privateKey.slice());
    const ownUpdates = new Map([...state.ownUpdates, [bytesToKey(publicKey), secret]]);
    commit({ ownUpdates });
    return { proposalType: ProposalType.update, leafNode };
  } finally {
    wipe(privateKey);
  }
}

/** A committer that is nobody: so that a proposal of ours is judged as another member's commit would hold it. */
const SOMEBODY = -1;

/** What we propose can be committed, by itself or with what else waits (RFC 9420 §12.1). */
async function checkOwn(
  { env }: Room,
  { epoch, ownLeaf, proposals }: MemberState,
  proposal: Proposal,
): Promise<void> {
  const sender = { senderType: SenderType.member, leafIndex: ownLeaf };
  const own: QueuedProposal = { proposal, sender, reference: new Uint8Array() };
  const rules = { ...env.rules };
  delete rules.allow; // they are about commits
  const refusal = async (list: readonly QueuedProposal[]): Promise<MlsError | undefined> => {
    const input = { env: { ...env, rules }, old: epoch, proposals: list, committer: SOMEBODY };
    const { leftOut } = await makePlan({ ...input, side: "sender" });
    return leftOut.find((out) => out.proposal === own)?.reason;
  };
  const alone = await refusal([own]);
  if (
    alone !== undefined &&
    (await refusal([...proposals.filter(({ wanted }) => wanted), own])) !== undefined
  ) {
    throw alone;
  }
}
