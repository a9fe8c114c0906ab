import {
  bytesArgument,
  MlsError,
  optionsArgument,
  type MlsProvider,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import { bundleOf } from "../feature/index.ts";
import {
  deleteGroup,
  type GroupListing,
  listGroups,
  isMember,
  loadGroup,
  type MemberState,
  type MergedCommit,
  type WriteOptions,
  writeOptions,
} from "../store/index.ts";
import type { EpochState } from "../epoch/index.ts";
import type { CredentialWithKey } from "../wire/index.ts";
import { clearPending, mergeMember } from "./commit/merge.ts";
import { released } from "./commit/results.ts";
import { createGroup, type GroupCreation } from "./create-group.ts";
import { MlsGroupBuilder } from "./group-builder.ts";
import { GroupHandle } from "./handle.ts";
import { KeptGroup } from "./kept-group.ts";
import { type ExternalCommitBuilder, externalCommitBuilder } from "./join/external-commit-builder.ts";
import type { ExternalJoinOptions } from "./join/external-join.ts";
import {
  branchGroup,
  linkedGroupArgument,
  type BranchOptions,
  type Continued,
  type LinkedGroupMembers,
  reinitializeGroup,
} from "./linked-group.ts";
import { sweepPast } from "./past-epochs.ts";
import { processMessage } from "./receive/process-message.ts";
import { receiveOptions } from "./receive/receive-options.ts";
import type { ProcessedMessage } from "./receive/processed-message.ts";
import { openStagedCommit, type StagedCommit } from "./receive/staged-commit.ts";
import { createMessage } from "./send/create-message.ts";
import { type SendOptions, sendOptions } from "./send/proposing-group.ts";
import { type StagedExternalJoin, stageExternalJoin, storedExternalJoin } from "./staged-external-join.ts";
import { checkWanted, watchOf, WORK_OPTIONS, type WorkOptions } from "../work.ts";
import { traceCalls, traced } from "./trace.ts";

/** A group that continues another one. */
export interface LinkedGroup {
  readonly group: MlsGroup;
  /** The MLSMessage for the other members. */
  readonly welcome: Uint8Array | undefined;
}

let wrap: (handle: GroupHandle<MemberState>) => MlsGroup;

/**
 * A group that this client is a member of. Every change is in the store before a promise resolves; a call that fails
 * changes nothing. Calls on one object are carried out one after the other; a second object or process on the same
 * group meets `ERR_MLS_STORAGE_CONFLICT` on its first stale write and recovers by {@link reload}. A signer, validator,
 * rule or feature must not await a call on the group that is waiting for it.
 */
export class MlsGroup extends KeptGroup {
  static {
    wrap = (handle) => traceCalls(new MlsGroup(handle), handle.env.provider);
  }

  /** Starts making a new group. */
  static builder(): MlsGroupBuilder<MlsGroup> {
    return new MlsGroupBuilder(async (...choices) => MlsGroup.create(...choices));
  }

  /** Creates a group with this client as its only member (RFC 9420 §11). @throws MlsError `ERR_MLS_GROUP_EXISTS` */
  static async create(
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
    creation: GroupCreation<MlsGroup>,
  ): Promise<MlsGroup> {
    const work = async (): Promise<MlsGroup> =>
      createGroup(provider, signer, credentialWithKey, creation, wrap);
    return traced(bundleOf(provider).provider, "create", work, (group) => group);
  }

  /**
   * Loads a group from the store.
   * @returns `undefined` when this client is in no such group
   * @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`
   */
  static async load(
    provider: MlsProvider,
    groupId: Uint8Array,
    options?: WorkOptions,
  ): Promise<MlsGroup | undefined> {
    const id = bytesArgument("groupId", groupId);
    const watch = watchOf(optionsArgument("options", options, WORK_OPTIONS));
    bundleOf(provider);
    const work = async (): Promise<MlsGroup | undefined> => {
      const loaded = await loadGroup(provider, id, watch);
      return loaded === undefined || !isMember(loaded.state)
        ? undefined
        : wrap(new GroupHandle(loaded.env, loaded.records, loaded.state, loaded.revision));
    };
    return traced(provider, "load", work, (group) => group);
  }

  /**
   * Deletes what the store has of a group, also where it is damaged and {@link load} fails. The others are not told.
   * @throws MlsError `ERR_MLS_STORAGE`
   */
  static async deleteStored(provider: MlsProvider, groupId: Uint8Array): Promise<void> {
    await deleteGroup(bundleOf(provider).provider, bytesArgument("groupId", groupId));
  }

  /** The groups in the store that this client is a member of, read from one record each. @throws MlsError */
  static async list(provider: MlsProvider): Promise<readonly GroupListing[]> {
    return (await listGroups(bundleOf(provider))).filter(({ ownLeafIndex }) => ownLeafIndex !== undefined);
  }

  /**
   * Prepares to join a group from outside (RFC 9420 §12.4.3.2). The join is stored; a group of the same id that is stored
   * too stays until the commit is accepted.
   * @throws MlsError
   */
  static async joinByExternalCommit(
    provider: MlsProvider,
    signer: Signer,
    options: ExternalJoinOptions & WriteOptions<StagedExternalJoin<MlsGroup>>,
  ): Promise<StagedExternalJoin<MlsGroup>> {
    return stageExternalJoin(provider, signer, options, wrap);
  }

  /**
   * Verifies a GroupInfo and shows the group; then collects the choices for the commit that joins it from outside.
   * @param groupInfo an MLSMessage @param ratchetTree where the GroupInfo does not hold it
   * @throws MlsError
   */
  static async externalCommitBuilder(
    provider: MlsProvider,
    groupInfo: Uint8Array,
    ratchetTree?: Uint8Array,
    options?: WorkOptions,
  ): Promise<ExternalCommitBuilder<MlsGroup>> {
    return externalCommitBuilder(provider, groupInfo, ratchetTree, options, wrap);
  }

  /** A join from outside that waits in the store, after a restart; `undefined` when there is none. @throws MlsError */
  static async pendingExternalJoin(
    provider: MlsProvider,
    groupId: Uint8Array,
  ): Promise<StagedExternalJoin<MlsGroup> | undefined> {
    return storedExternalJoin(provider, groupId, wrap);
  }

  /**
   * Encrypts an application message; the used key is recorded before the bytes are returned.
   * @throws MlsError `ERR_MLS_PENDING_PROPOSALS` while proposals wait for a commit (RFC 9420 §12.4),
   *   `ERR_MLS_GROUP_INACTIVE`, `ERR_MLS_USAGE`, `ERR_MLS_LIMIT`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async createMessage(
    signer: Signer,
    data: Uint8Array,
    options?: SendOptions & WriteOptions<Uint8Array>,
  ): Promise<Uint8Array> {
    const signs = this.handle.signer(signerArgument(signer));
    const bytes = bytesArgument("data", data);
    const { authenticatedData, alsoWrite } = sendOptions(options);
    return this.handle.transact(async (state, transaction) => {
      if (state.config.pauseForRemovals && this.waiting.removals.size > 0) {
        throw new MlsError(
          "ERR_MLS_PENDING_COMMIT",
          "a received commit removes somebody: merge or discard it first",
        );
      }
      sweepPast(this.handle, state, transaction);
      return createMessage(this.handle, state, transaction, signs, bytes, authenticatedData);
    }, alsoWrite);
  }

  /**
   * Takes in a message from the delivery service (RFC 9420 §6). A commit is only worked out: merge it with
   * {@link mergeStagedCommit}.
   * @param options a `signal` gives up what has not begun, and the work on a commit: it can be processed again
   * @throws MlsError of many codes; the group is then as it was, but for the key of a message that proved genuine
   */
  async processMessage(
    message: Uint8Array,
    options?: WriteOptions<ProcessedMessage> & WorkOptions,
  ): Promise<ProcessedMessage> {
    const bytes = bytesArgument("message", message);
    const { alsoWrite, signal, watch } = receiveOptions(options);
    const outcome = await this.handle.transact(
      async (state, transaction) => {
        checkWanted(signal);
        const swept = sweepPast(this.handle, state, transaction);
        return processMessage(this.handle, swept, transaction, bytes, this.waiting, watch);
      },
      alsoWrite === undefined
        ? undefined
        : (result) => (result instanceof MlsError ? undefined : alsoWrite(result)),
    );
    if (outcome instanceof MlsError) {
      throw outcome;
    }
    return outcome;
  }

  /**
   * Begins the epoch of a received commit. A pending commit of ours is discarded.
   * @throws MlsError `ERR_MLS_STALE_COMMIT` if the group has moved on, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async mergeStagedCommit(commit: StagedCommit, options?: WriteOptions<StagedCommit>): Promise<void> {
    const inside = openStagedCommit<EpochState>(commit);
    await this.handle.transact(async (state, transaction) => {
      mergeMember(this.handle, state, transaction, inside);
      return commit;
    }, writeOptions(options));
    this.waiting.clear();
  }

  /**
   * Begins the epoch of our pending commit, once the delivery service accepted it.
   * @returns what may be handed out now
   * @throws MlsError `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async mergePendingCommit(options?: WriteOptions<MergedCommit>): Promise<MergedCommit> {
    const alsoWrite = writeOptions(options);
    const merged = await this.handle.transact(async (state, transaction) => {
      const { pending } = state;
      if (pending === undefined) {
        throw new MlsError("ERR_MLS_NO_PENDING_COMMIT", "there is no pending commit");
      }
      mergeMember(this.handle, state, transaction, { ...pending, spent: undefined });
      return released(pending.handout);
    }, alsoWrite);
    this.waiting.clear();
    return merged;
  }

  /** Discards our pending commit, if there is one. */
  async clearPendingCommit(options?: WriteOptions<void>): Promise<void> {
    await this.handle.transact(async (state, transaction) => {
      clearPending(this.handle, state, transaction);
    }, writeOptions(options));
  }

  /**
   * Builds the group that a committed ReInit announced, with all members of this one (RFC 9420 §11.2). The new group is
   * at epoch 1; send the Welcome to the others. A crash may leave the new group in the store at epoch 0: delete it, and call
   * this again. At epoch 1 its `lastMergedCommit` has the Welcome.
   * @throws MlsError `ERR_MLS_USAGE` when no ReInit was committed, `ERR_MLS_VALIDATION` rule valn1413
   */
  async reinitialize(members: LinkedGroupMembers & WriteOptions<LinkedGroup>): Promise<LinkedGroup> {
    const given = linkedGroupArgument("members", members, linked);
    return this.handle.read(async (state) => reinitializeGroup(this.handle, state, given));
  }

  /**
   * Builds a group of some members of this one (RFC 9420 §11.3). The new group is at epoch 1; send the Welcome to them.
   * @throws MlsError `ERR_MLS_VALIDATION` rule valn1414 for somebody who is no member here
   */
  async branch(options: BranchOptions & WriteOptions<LinkedGroup>): Promise<LinkedGroup> {
    const given = linkedGroupArgument("options", options, linked);
    return this.handle.read(async (state) => branchGroup(this.handle, state, given));
  }
}

function linked({ handle, welcome }: Continued): LinkedGroup {
  return { group: wrap(handle), welcome };
}

/** Wraps a group's handle in its public object; not exported from the package. */
export function wrapGroup(handle: GroupHandle<MemberState>): MlsGroup {
  return wrap(handle);
}
