import { equalBytes, deepCopy, MlsError, type MlsProvider, type Signer } from "@openmls-ts/traits";
import type { CommitSummary, LeafNodeParameters } from "../commit/index.ts";
import { encode } from "../codec/index.ts";
import { checkSigner } from "../credential/index.ts";
import {
  type CredentialWithKey,
  encodeMlsMessage,
  type Extension,
  type GroupContext,
  type LeafNode,
  type Proposal,
  type PskName,
  type ReInit,
  usePsk,
} from "../wire/index.ts";
import type { KeyPackage } from "../key-package/index.ts";
import { exportSecret } from "../key-schedule/index.ts";
import type { QueuedProposal } from "../proposal/index.ts";
import { ProposalType, WireFormat } from "../registry.ts";
import { ratchetTree } from "../wire/index.ts";
import { Batch } from "./batch.ts";
import { buildCommit, type CommitChoices, type GroupInfoChoices, makeGroupInfo } from "./build-commit.ts";
import { CommitBuilder } from "./commit-builder.ts";
import type { MlsGroupConfig } from "./config.ts";
import { createGroup, type GroupCreation } from "./create-group.ts";
import { type ExternalJoinOptions, prepareExternalJoin, storeExternalJoin } from "./external-join.ts";
import { MlsGroupBuilder } from "./group-builder.ts";
import type { GroupState } from "./group-state.ts";
import {
  branchGroup,
  type BranchOptions,
  type LinkedGroupMembers,
  reinitializeGroup,
} from "./linked-group.ts";
import { deleteHandout, type MergedCommit } from "./handout.ts";
import { loadGroup } from "./load-group.ts";
import { type Member, membersOf } from "./member.ts";
import { processMessage } from "./process-message.ts";
import { openStagedCommit, type ProcessedMessage, type StagedCommit } from "./processed-message.ts";
import { addProposal, checkProposal } from "./proposal-store.ts";
import { OperationQueue } from "./queue.ts";
import {
  createMessage,
  ownLeafNode,
  propose,
  type ProposalResult,
  proposeSelfUpdate,
  removeProposal,
} from "./send.ts";
import { eraseGroup, mergeEpoch } from "./transitions.ts";
import { storageOf } from "../typed-storage.ts";

/** A commit of ours, to be sent, and merged once the delivery service accepted it. */
export interface CommitResult {
  /** The MLSMessage for the members. */
  readonly commit: Uint8Array;
  /** What it does. */
  readonly summary: CommitSummary;
}

/** A join from outside that waits for its commit to be accepted. */
export interface StagedExternalJoin {
  /** The MLSMessage for the members. */
  readonly commit: Uint8Array;
  /** Stores the group; call it once the commit was accepted. */
  intoGroup(): Promise<MlsGroup>;
}

/** A group that continues another one. */
export interface LinkedGroup {
  readonly group: MlsGroup;
  /** The MLSMessage for the other members. */
  readonly welcome: Uint8Array | undefined;
}

/** Optional parts of what a member sends. */
export interface SendOptions {
  /** Sent in the clear, authenticated (RFC 9420 §6). Default: empty. */
  readonly authenticatedData?: Uint8Array;
}

// long-file: the public class; most of it is what every method promises.

let wrap: (state: GroupState) => MlsGroup;

/**
 * A group that this client is a member of. Every change is in the store before a promise resolves; a call that fails
 * changes nothing. Calls on one object are carried out one after the other; a second object or process on the same
 * group meets `ERR_MLS_STORAGE_CONFLICT` on its first stale write and recovers by loading the group again. What it hands
 * out are copies. A signer, validator or rule must not await a call on the group that is waiting for it.
 */
export class MlsGroup {
  readonly #state: GroupState;
  readonly #queue = new OperationQueue();

  private constructor(state: GroupState) {
    this.#state = state;
  }

  static {
    wrap = (state) => new MlsGroup(state);
  }

  /** Starts making a new group. */
  static builder(): MlsGroupBuilder {
    return new MlsGroupBuilder();
  }

  /** Creates a group with this client as its only member (RFC 9420 §11). @throws MlsError `ERR_MLS_GROUP_EXISTS` */
  static async create(
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
    creation: GroupCreation,
  ): Promise<MlsGroup> {
    return new MlsGroup(await createGroup(provider, signer, credentialWithKey, creation));
  }

  /**
   * Loads a group from the store.
   * @returns `undefined` when there is no such group
   * @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`
   */
  static async load(provider: MlsProvider, groupId: Uint8Array): Promise<MlsGroup | undefined> {
    const state = await loadGroup(provider, groupId);
    return state === undefined ? undefined : new MlsGroup(state);
  }

  /** The ids of all groups in the store. @throws MlsError `ERR_MLS_STORAGE` */
  static async list(provider: MlsProvider): Promise<readonly Uint8Array[]> {
    return storageOf(provider).listOwners("group");
  }

  /** Prepares to join a group from outside (RFC 9420 §12.4.3.2). Stores nothing yet. @throws MlsError */
  static async joinByExternalCommit(
    provider: MlsProvider,
    signer: Signer,
    options: ExternalJoinOptions,
  ): Promise<StagedExternalJoin> {
    const join = await prepareExternalJoin(provider, signer, options);
    return { commit: join.commit, intoGroup: async () => new MlsGroup(await storeExternalJoin(join)) };
  }

  /**
   * Erases the secrets that this object holds in memory, and leaves the store as it is. The object is of no use then;
   * load the group again.
   */
  async close(): Promise<void> {
    await this.#queue.run(async () => this.#state.close());
  }

  /** Deletes the group with all its secrets, here and in the store. The others are not told. */
  async delete(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#state.status !== "removed") {
        await eraseGroup(this.#state);
      }
    });
  }

  get groupId(): Uint8Array {
    return deepCopy(this.#state.records.groupId);
  }

  /** The current epoch number. */
  get epoch(): bigint {
    return this.#state.epoch.groupContext.epoch;
  }

  /** Code point of the cipher suite. */
  get cipherSuite(): number {
    return this.#state.env.suite.id;
  }

  /** What all members agree on (RFC 9420 §8.1). */
  get groupContext(): GroupContext {
    return deepCopy(this.#state.epoch.groupContext);
  }

  /** The extensions of the GroupContext. */
  get extensions(): readonly Extension[] {
    return deepCopy(this.#state.epoch.groupContext.extensions);
  }

  get config(): MlsGroupConfig {
    return this.#state.config;
  }

  /** Whether this client is a member and the group goes on: false once removed, and after a ReInit. */
  get isActive(): boolean {
    return this.#state.status === "active";
  }

  get ownLeafIndex(): number {
    return this.#state.ownLeaf;
  }

  /** This client's leaf. */
  get ownLeafNode(): LeafNode {
    return deepCopy(ownLeafNode(this.#state));
  }

  /** The members from left to right, this client included. */
  members(): Member[] {
    return membersOf(this.#state.epoch.tree);
  }

  /** The leaf of a member, or `undefined`. */
  leafNode(leafIndex: number): LeafNode | undefined {
    return deepCopy(this.#state.epoch.tree.leaf(leafIndex));
  }

  /** Equal for all members of an epoch, different for every other state: for comparing out of band (RFC 9420 §8.7). */
  get epochAuthenticator(): Uint8Array {
    this.#state.requirePresent();
    return this.#state.epoch.secrets.epochAuthenticator.expose().slice();
  }

  /** The proposals that the next commit takes in. */
  get pendingProposals(): readonly QueuedProposal[] {
    return deepCopy(this.#state.proposals);
  }

  /** What our pending commit does, if there is one. */
  get pendingCommit(): CommitSummary | undefined {
    return deepCopy(this.#state.pending?.staged.summary);
  }

  /** The bytes of our pending commit, to be sent again after a restart. */
  get pendingCommitMessage(): Uint8Array | undefined {
    return deepCopy(this.#state.pending?.message);
  }

  /**
   * What our commit that began this epoch released, to be sent again after a crash; `undefined` when the epoch began
   * with somebody else's commit.
   */
  get lastMergedCommit(): MergedCommit | undefined {
    const { handout } = this.#state;
    return handout === undefined ? undefined : released(handout);
  }

  /**
   * A secret for use outside of MLS, the same for all members of the epoch (RFC 9420 §8.5).
   * @param label what it is for @param length in bytes, at most 255·Nh
   * @throws MlsError `ERR_MLS_USAGE`
   */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array {
    this.#state.requirePresent();
    const { env, epoch } = this.#state;
    return exportSecret(env.suite, epoch.secrets.exporterSecret, label, context, length);
  }

  /** The ratchet tree as encoded in the extension, for joiners who get it from elsewhere (RFC 9420 §12.4.3.3). */
  exportRatchetTree(): Uint8Array {
    return encode(ratchetTree, this.#state.epoch.tree.exportNodes());
  }

  /**
   * A signed GroupInfo of the current epoch as an MLSMessage (RFC 9420 §12.4.3).
   * @param choices by default with the ratchet tree as configured, and with external_pub
   */
  async exportGroupInfo(signer: Signer, choices: Partial<GroupInfoChoices> = {}): Promise<Uint8Array> {
    return this.#queue.run(async () => {
      const { env, epoch, ownLeaf, config } = this.#state;
      this.#state.requireActive();
      checkSigner(signer, ownLeafNode(this.#state).signatureKey);
      const groupInfo = await makeGroupInfo(env, signer, ownLeaf, epoch, {
        ratchetTree: choices.ratchetTree ?? config.ratchetTreeExtension,
        externalPub: choices.externalPub ?? true,
      });
      return encodeMlsMessage({ wireFormat: WireFormat.mlsGroupInfo, groupInfo });
    });
  }

  /**
   * Encrypts an application message; the used key is recorded before the bytes are returned.
   * @throws MlsError `ERR_MLS_PENDING_PROPOSALS` while proposals wait for a commit (RFC 9420 §12.4),
   *   `ERR_MLS_GROUP_INACTIVE`, `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async createMessage(signer: Signer, data: Uint8Array, options: SendOptions = {}): Promise<Uint8Array> {
    const authenticatedData = options.authenticatedData ?? new Uint8Array();
    return this.#queue.run(async () => createMessage(this.#state, signer, data, authenticatedData));
  }

  /**
   * Takes in a message from the delivery service (RFC 9420 §6). A commit is only worked out: merge it with
   * {@link mergeStagedCommit}.
   * @throws MlsError of many codes; the group is then as it was
   */
  async processMessage(message: Uint8Array): Promise<ProcessedMessage> {
    return this.#queue.run(async () => processMessage(this.#state, message));
  }

  /**
   * Begins the epoch of a received commit. A pending commit of ours is discarded.
   * @throws MlsError `ERR_MLS_STALE_COMMIT` if the group has moved on, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async mergeStagedCommit(commit: StagedCommit): Promise<void> {
    await this.#queue.run(async () => {
      const { staged, secretTree } = openStagedCommit(commit);
      await mergeEpoch(this.#state, staged, secretTree);
    });
  }

  /**
   * Begins the epoch of our pending commit, once the delivery service accepted it.
   * @returns what may be handed out now
   * @throws MlsError `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async mergePendingCommit(): Promise<MergedCommit> {
    return this.#queue.run(async () => {
      const { pending } = this.#state;
      if (pending === undefined) {
        throw new MlsError("ERR_MLS_NO_PENDING_COMMIT", "there is no pending commit");
      }
      await mergeEpoch(this.#state, pending.staged, pending.secretTree);
      return released(pending.handout);
    });
  }

  /** Discards our pending commit, if there is one. */
  async clearPendingCommit(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#state.pending !== undefined) {
        const batch = new Batch();
        batch.delete(this.#state.records.key("pending_commit"));
        deleteHandout(batch, this.#state.records, this.epoch + 1n);
        await this.#state.write(batch);
        this.#state.discardPending();
      }
    });
  }

  /**
   * Keeps a proposal that came from outside the group, as the application decided (RFC 9420 §12.1.8).
   * @throws MlsError as on receipt, `ERR_MLS_WRONG_EPOCH` when the epoch has changed
   */
  async storePendingProposal(message: Extract<ProcessedMessage, { kind: "proposal" }>): Promise<void> {
    await this.#queue.run(async () => {
      this.#state.requireActive();
      if (message.epoch !== this.epoch || !equalBytes(message.groupId, this.groupId)) {
        throw new MlsError("ERR_MLS_WRONG_EPOCH", "a proposal of another epoch or group", { rule: "rfc81" });
      }
      await checkProposal(this.#state, message.proposal);
      const batch = new Batch();
      const keep = addProposal(this.#state, batch, message.proposal);
      await this.#state.write(batch);
      keep();
    });
  }

  /** Forgets a pending proposal. @returns whether there was one of that reference */
  async removePendingProposal(reference: Uint8Array): Promise<boolean> {
    return this.#queue.run(async () => removeProposal(this.#state, reference));
  }

  /** Starts a commit of any content. */
  commitBuilder(): CommitBuilder {
    return new CommitBuilder(async (signer, choices) => this.#commit(signer, choices));
  }

  /**
   * Commits the pending proposals and adds members. The Welcome for them comes from {@link mergePendingCommit}.
   * @throws MlsError `ERR_MLS_PENDING_COMMIT`, `ERR_MLS_VALIDATION`, `ERR_MLS_CREDENTIAL_REJECTED`, …; of unusable key
   *   packages `details.refused` names each with its index, code and rule
   */
  async addMembers(signer: Signer, keyPackages: readonly KeyPackage[]): Promise<CommitResult> {
    return this.commitBuilder().addMembers(keyPackages).forceSelfUpdate().build(signer);
  }

  /** Commits the pending proposals and removes members by leaf index. @throws MlsError */
  async removeMembers(signer: Signer, leafIndices: readonly number[]): Promise<CommitResult> {
    return this.commitBuilder().removeMembers(leafIndices).build(signer);
  }

  /** Commits the pending proposals and replaces this member's keys, and its leaf where asked. @throws MlsError */
  async selfUpdate(
    signer: Signer,
    parameters: LeafNodeParameters = {},
    newSigner?: Signer,
  ): Promise<CommitResult> {
    return this.commitBuilder().forceSelfUpdate().leafNodeParameters(parameters, newSigner).build(signer);
  }

  /** Commits the pending proposals; without any it is an empty commit that replaces this member's keys. */
  async commitToPendingProposals(signer: Signer): Promise<CommitResult> {
    return this.commitBuilder().build(signer);
  }

  /** Proposes to add a member (RFC 9420 §12.1.1). @throws MlsError */
  async proposeAddMember(
    signer: Signer,
    keyPackage: KeyPackage,
    options?: SendOptions,
  ): Promise<ProposalResult> {
    return this.propose(signer, { proposalType: ProposalType.add, keyPackage: keyPackage.fields }, options);
  }

  /** Proposes to remove a member (RFC 9420 §12.1.3); one's own leaf to leave the group. @throws MlsError */
  async proposeRemoveMember(
    signer: Signer,
    leafIndex: number,
    options?: SendOptions,
  ): Promise<ProposalResult> {
    return this.propose(signer, { proposalType: ProposalType.remove, removed: leafIndex }, options);
  }

  /** Proposes to inject a PSK, with a fresh nonce (RFC 9420 §12.1.4). @throws MlsError */
  async proposePsk(signer: Signer, name: PskName, options?: SendOptions): Promise<ProposalResult> {
    const psk = usePsk(this.#state.env.suite, name);
    return this.propose(signer, { proposalType: ProposalType.psk, psk }, options);
  }

  /** Proposes to replace all extensions of the GroupContext (RFC 9420 §12.1.7). @throws MlsError */
  async proposeGroupContextExtensions(
    signer: Signer,
    extensions: readonly Extension[],
    options?: SendOptions,
  ): Promise<ProposalResult> {
    return this.propose(signer, { proposalType: ProposalType.groupContextExtensions, extensions }, options);
  }

  /** Proposes to replace the group by another one (RFC 9420 §12.1.5); see {@link reinitialize}. @throws MlsError */
  async proposeReInit(
    signer: Signer,
    reinit: Omit<ReInit, "proposalType">,
    options?: SendOptions,
  ): Promise<ProposalResult> {
    return this.propose(signer, { proposalType: ProposalType.reinit, ...reinit }, options);
  }

  /** Proposes a new leaf for this member, without a commit (RFC 9420 §12.1.2). @throws MlsError */
  async proposeSelfUpdate(
    signer: Signer,
    parameters: LeafNodeParameters = {},
    newSigner: Signer = signer,
    options: SendOptions = {},
  ): Promise<ProposalResult> {
    const authenticatedData = options.authenticatedData ?? new Uint8Array();
    return this.#queue.run(async () =>
      proposeSelfUpdate(this.#state, signer, parameters, newSigner, authenticatedData),
    );
  }

  /**
   * Builds the group that a committed ReInit announced, with all members of this one (RFC 9420 §11.2). The new group is
   * at epoch 1; send the Welcome to the others. A crash may leave the new group in the store at epoch 0: delete it, and call
   * this again. At epoch 1 its `lastMergedCommit` has the Welcome.
   * @throws MlsError `ERR_MLS_USAGE` when no ReInit was committed, `ERR_MLS_VALIDATION` rule valn1413
   */
  async reinitialize(members: LinkedGroupMembers): Promise<LinkedGroup> {
    const { state, welcome } = await this.#queue.run(async () => reinitializeGroup(this.#state, members));
    return { group: new MlsGroup(state), welcome };
  }

  /**
   * Builds a group of some members of this one (RFC 9420 §11.3). The new group is at epoch 1; send the Welcome to them.
   * @throws MlsError `ERR_MLS_VALIDATION` rule valn1414 for somebody who is no member here
   */
  async branch(options: BranchOptions): Promise<LinkedGroup> {
    const { state, welcome } = await this.#queue.run(async () => branchGroup(this.#state, options));
    return { group: new MlsGroup(state), welcome };
  }

  /** Sends any proposal. @throws MlsError `ERR_MLS_USAGE` for an Update, which {@link proposeSelfUpdate} makes */
  async propose(signer: Signer, proposal: Proposal, options: SendOptions = {}): Promise<ProposalResult> {
    if (proposal.proposalType === ProposalType.update) {
      throw new MlsError("ERR_MLS_USAGE", "use proposeSelfUpdate for an Update");
    }
    const authenticatedData = options.authenticatedData ?? new Uint8Array();
    return this.#queue.run(async () => propose(this.#state, signer, proposal, authenticatedData));
  }

  async #commit(signer: Signer, choices: CommitChoices): Promise<CommitResult> {
    const { message, staged } = await this.#queue.run(async () => buildCommit(this.#state, signer, choices));
    return deepCopy({ commit: message, summary: staged.summary });
  }
}

function released({ welcome, groupInfo }: MergedCommit): MergedCommit {
  return deepCopy({ welcome, groupInfo });
}

/** Wraps a state in its public object; not exported from the package. */
export function wrapGroup(state: GroupState): MlsGroup {
  return wrap(state);
}
