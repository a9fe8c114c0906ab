import {
  bytesArgument,
  MlsError,
  type MlsProvider,
  optionsArgument,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import { epochState, type PublicEpoch } from "../epoch/index.ts";
import { bundleOf } from "../feature/index.ts";
import {
  DEFAULT_GROUP_CONFIG,
  type GroupListing,
  GroupRecords,
  listGroups,
  isMember,
  loadGroup,
  type PublicState,
  writeNewGroup,
  type WriteOptions,
  writeOptions,
} from "../store/index.ts";
import type { Proposal } from "../wire/index.ts";
import { checkWanted, watchOf, WORK_OPTIONS, type WorkOptions } from "../work.ts";
import { checkNotThere } from "./create-group.ts";
import { mergePublic } from "./commit/merge.ts";
import { GroupHandle } from "./handle.ts";
import { GroupView } from "./group-view.ts";
import { openGroupInfo } from "./join/open-group-info.ts";
import { clearProposals, wantProposal } from "./known-proposals.ts";
import { type ProposalChoice, type ProposalRecord, referenceArgument, Waiting } from "./proposal-view.ts";
import { proposeFromOutside } from "./propose-from-outside.ts";
import { processPublicMessage } from "./receive/process-message.ts";
import { receiveOptions } from "./receive/receive-options.ts";
import type { ProcessedPublicMessage } from "./receive/processed-message.ts";
import { openStagedCommit, type StagedCommit } from "./receive/staged-commit.ts";
import { draftArgument, type ProposalDraft } from "./send/drafts.ts";
import type { ProposalResult } from "./send/propose.ts";
import { type SendOptions, sendOptions } from "./send/proposing-group.ts";
import { traceCalls } from "./trace.ts";

let wrap: (handle: GroupHandle<PublicState>) => PublicGroup;

/**
 * A group seen from outside, for a delivery service that checks what it passes on: follows public handshake messages,
 * verifies signatures, proposals, leaves and trees, and knows no secret. What only members can check, it takes on
 * trust: membership tags and confirmation tags. Processes messages, proposals and records as members do.
 */
export class PublicGroup extends GroupView {
  /** @internal */
  declare protected readonly handle: GroupHandle<PublicState>;
  readonly #waiting: Waiting;

  private constructor(handle: GroupHandle<PublicState>) {
    super(handle);
    this.#waiting = new Waiting(handle.env.limits);
  }

  static {
    wrap = (handle) => traceCalls(new PublicGroup(handle), handle.env.provider);
  }

  /**
   * Starts following a group from a GroupInfo, which is verified like a joiner does (RFC 9420 §12.4.3), and stores it.
   * @param groupInfo an MLSMessage
   * @param encodedTree the ratchet tree, where the GroupInfo does not hold it
   * @throws MlsError `ERR_MLS_GROUP_EXISTS` where the store has the group, and as joining
   */
  static async fromGroupInfo(
    provider: MlsProvider,
    groupInfo: Uint8Array,
    encodedTree?: Uint8Array,
    options?: WorkOptions & WriteOptions<PublicGroup>,
  ): Promise<PublicGroup> {
    const { alsoWrite, watch } = receiveOptions(options);
    const { env, info, tree } = await openGroupInfo(provider, groupInfo, encodedTree, watch);
    const { groupContext, confirmationTag } = info;
    await checkNotThere(provider, groupContext.groupId);
    const state: PublicState = {
      epoch: epochState(env.suite, { groupContext, tree, confirmationTag }),
      config: DEFAULT_GROUP_CONFIG,
      proposals: [],
      reinit: undefined,
      status: "active",
    };
    const records = new GroupRecords(groupContext.groupId);
    const handle = new GroupHandle(env, records, state, undefined);
    const group = wrap(handle);
    return handle.transact(async (_, { batch }) => {
      writeNewGroup(batch, records, env, state);
      return group;
    }, alsoWrite);
  }

  /** Loads a group that this observer followed before; `undefined` when there is none. @throws MlsError */
  static async load(
    provider: MlsProvider,
    groupId: Uint8Array,
    options?: WorkOptions,
  ): Promise<PublicGroup | undefined> {
    const id = bytesArgument("groupId", groupId);
    const watch = watchOf(optionsArgument("options", options, WORK_OPTIONS));
    bundleOf(provider);
    const loaded = await loadGroup(provider, id, watch);
    if (loaded === undefined || isMember(loaded.state)) {
      return undefined;
    }
    return wrap(new GroupHandle(loaded.env, loaded.records, loaded.state, loaded.revision));
  }

  /** The groups that are followed here, read from one record each. @throws MlsError */
  static async list(provider: MlsProvider): Promise<readonly GroupListing[]> {
    return (await listGroups(bundleOf(provider))).filter(({ ownLeafIndex }) => ownLeafIndex === undefined);
  }

  /** The proposals that a commit may name, less those that were dismissed. */
  get pendingProposals(): readonly ProposalRecord[] {
    return this.knownProposals.filter(({ wanted }) => wanted);
  }

  /**
   * Checks a handshake message in the clear. A member's proposal is kept; one from outside waits for
   * {@link storePendingProposal}; a commit is only worked out.
   * @throws MlsError, `ERR_MLS_USAGE` for an encrypted message
   */
  async processMessage(
    message: Uint8Array,
    options?: WriteOptions<ProcessedPublicMessage> & WorkOptions,
  ): Promise<ProcessedPublicMessage> {
    const { alsoWrite, signal, watch } = receiveOptions(options);
    const bytes = bytesArgument("message", message);
    return this.handle.transact(async (state, transaction) => {
      checkWanted(signal);
      return processPublicMessage(this.handle, state, transaction, bytes, this.#waiting, watch);
    }, alsoWrite);
  }

  /** Begins the epoch of a commit. @throws MlsError `ERR_MLS_STALE_COMMIT`, `ERR_MLS_STORAGE_CONFLICT` */
  async mergeCommit(commit: StagedCommit, options?: WriteOptions<StagedCommit>): Promise<void> {
    const { staged } = openStagedCommit<PublicEpoch>(commit);
    await this.handle.transact(async (state, transaction) => {
      mergePublic(this.handle, state, transaction, staged);
      return commit;
    }, writeOptions(options));
    this.#waiting.clear();
  }

  /** Keeps a proposal that came from outside (RFC 9420 §12.1.8). @throws MlsError `ERR_MLS_WRONG_EPOCH`, `ERR_MLS_LIMIT` */
  async storePendingProposal(proposal: ProposalChoice, options?: WriteOptions<void>): Promise<void> {
    await this.#waiting.keep(this.handle, proposal, options);
  }

  /** Marks a proposal as unwanted; a commit may name it all the same. @returns whether there was one of that reference */
  async removePendingProposal(proposal: ProposalChoice, options?: WriteOptions<boolean>): Promise<boolean> {
    return this.#want(proposal, false, options);
  }

  /** Wants a proposal again. @returns whether there was one of that reference */
  async restorePendingProposal(proposal: ProposalChoice, options?: WriteOptions<boolean>): Promise<boolean> {
    return this.#want(proposal, true, options);
  }

  /** Marks all proposals as unwanted. @returns how many were not */
  async clearPendingProposals(options?: WriteOptions<number>): Promise<number> {
    return this.handle.transact(
      async (state, transaction) => clearProposals(this.handle, state, transaction),
      writeOptions(options),
    );
  }

  async #want(
    proposal: ProposalChoice,
    wanted: boolean,
    options: WriteOptions<boolean> | undefined,
  ): Promise<boolean> {
    const reference = referenceArgument(proposal);
    return this.handle.transact(
      async (state, transaction) => wantProposal(this.handle, state, transaction, reference, wanted),
      writeOptions(options),
    );
  }

  /**
   * Makes a proposal of an external sender of the group (RFC 9420 §12.1.8): to be sent, and taken in here by
   * {@link processMessage} when it is delivered.
   * @param signer of a key in the group's external_senders
   * @param proposal one of `proposals`, or of a feature
   * @throws MlsError `ERR_MLS_USAGE` for another key, `ERR_MLS_VALIDATION` rule valn1502 for a type that external senders may
   *   not propose, and as members would refuse it
   */
  async propose(
    signer: Signer,
    proposal: ProposalDraft | Proposal,
    options?: SendOptions,
  ): Promise<ProposalResult> {
    const signs = this.handle.signer(signerArgument(signer));
    const draft = draftArgument(proposal);
    const { authenticatedData } = sendOptions(options);
    return this.handle.read(async (state) =>
      proposeFromOutside(this.handle, state, signs, draft, authenticatedData),
    );
  }

  /** Takes over what another process wrote. @throws MlsError `ERR_MLS_GROUP_NOT_FOUND` */
  async reload(): Promise<void> {
    if (!(await this.handle.reload())) {
      throw new MlsError("ERR_MLS_GROUP_NOT_FOUND", "the group is not in the store any more");
    }
    this.#waiting.clear();
  }

  /** Stops following the group and forgets it. @throws MlsError `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE` */
  async delete(options?: WriteOptions<void>): Promise<void> {
    await this.handle.delete(writeOptions(options));
  }
}
