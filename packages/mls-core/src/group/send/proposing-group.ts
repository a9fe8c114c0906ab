import { bytesArgument, MlsError, optionsArgument, type Signer, signerArgument } from "@openmls-ts/traits";
import type { Feature, GroupAccess } from "../../feature/index.ts";
import type { MemberState } from "../../store/index.ts";
import type { Proposal } from "../../wire/index.ts";
import { CommittingGroup } from "../commit/committing-group.ts";
import { groupAccess } from "../feature-room.ts";
import { type GroupHandle, requireActive } from "../handle.ts";
import { wantProposal } from "../known-proposals.ts";
import { type ProposalChoice, referenceArgument, Waiting } from "../proposal-view.ts";
import { draftArgument, type ProposalDraft, proposals } from "./drafts.ts";
import { propose, type ProposalResult } from "./propose.ts";

/** Optional parts of what a member sends. */
export interface SendOptions {
  /** Sent in the clear, authenticated (RFC 9420 §6). Default: empty. */
  readonly authenticatedData?: Uint8Array;
}

/** The authenticated data of options. @throws MlsError `ERR_MLS_USAGE` */
export function dataOf(options: SendOptions | undefined): Uint8Array {
  const { authenticatedData } = optionsArgument<SendOptions>("options", options, ["authenticatedData"]);
  return bytesArgument("authenticatedData", authenticatedData ?? new Uint8Array());
}

/** A member's proposals, own and received ones (RFC 9420 §12.1). */
export abstract class ProposingGroup extends CommittingGroup {
  /** @internal What waits in memory for the application's word. */
  protected readonly waiting: Waiting;

  /** @internal */
  protected constructor(handle: GroupHandle<MemberState>) {
    super(handle);
    this.waiting = new Waiting(handle.env.limits);
  }

  /**
   * Keeps a proposal that came from outside the group, as the application decided (RFC 9420 §12.1.8).
   * @param proposal what `processMessage` made of it, or its reference
   * @throws MlsError `ERR_MLS_WRONG_EPOCH` when it was not taken in here in this epoch, `ERR_MLS_LIMIT`
   */
  async storePendingProposal(proposal: ProposalChoice): Promise<void> {
    await this.waiting.keep(this.handle, proposal);
  }

  /** Leaves a proposal out of our commits; others may commit it all the same. @returns whether there was one */
  async removePendingProposal(proposal: ProposalChoice): Promise<boolean> {
    return this.#want(proposal, false);
  }

  /** Takes a proposal into our commits again. @returns whether there was one */
  async restorePendingProposal(proposal: ProposalChoice): Promise<boolean> {
    return this.#want(proposal, true);
  }

  /** Sends a proposal: one of `proposals`, or of a feature (RFC 9420 §12.1). @throws MlsError as a receiver would refuse it */
  async propose(
    signer: Signer,
    proposal: ProposalDraft | Proposal,
    options?: SendOptions,
  ): Promise<ProposalResult> {
    const signs = this.handle.signer(signerArgument(signer));
    const [draft, authenticatedData] = [draftArgument(proposal), dataOf(options)];
    return this.handle.transact(async (state, transaction) =>
      propose(this.handle, state, transaction, signs, draft, authenticatedData),
    );
  }

  /**
   * Asks the others to remove this member: by a feature's proposal where all members support it, else by a Remove. This
   * client stays a member until somebody commits it.
   * @throws MlsError
   */
  async leave(signer: Signer, options?: SendOptions): Promise<ProposalResult> {
    const { state, env } = this.handle;
    const { tree } = state.epoch;
    const ways = env.features.features.flatMap(({ leaving }) => leaving?.() ?? []);
    const way = ways.find(
      ({ proposalType }) => tree.supportCount("proposals", proposalType) === tree.memberCount,
    );
    return this.propose(signer, way ?? proposals.remove(state.ownLeaf), options);
  }

  /**
   * Runs something of a feature inside the group's queue; what it changes is written before its result is returned.
   * @throws MlsError `ERR_MLS_USAGE` for a feature that is not in the provider's list
   */
  async use<T>(feature: Feature, work: (access: GroupAccess) => Promise<T>): Promise<T> {
    return this.handle.transact(async (state, transaction) => {
      requireActive(state, true);
      if (!this.handle.env.features.features.some(({ name }) => name === feature.name)) {
        throw new MlsError("ERR_MLS_USAGE", `${feature.name} is not among the provider's features`);
      }
      return work(groupAccess(this.handle, state, transaction, feature));
    });
  }

  async #want(proposal: ProposalChoice, wanted: boolean): Promise<boolean> {
    const reference = referenceArgument(proposal);
    return this.handle.transact(async (state, transaction) =>
      wantProposal(this.handle, state, transaction, reference, wanted),
    );
  }
}
