import { bytesArgument, optionsArgument, type Signer, signerArgument } from "@openmls-ts/traits";
import {
  alsoWriteArgument,
  type AlsoWrite,
  type MemberState,
  type WriteOptions,
  writeOptions,
} from "../../store/index.ts";
import type { Proposal } from "../../wire/index.ts";
import type { GroupHandle } from "../handle.ts";
import { clearProposals, wantProposal } from "../known-proposals.ts";
import { KeptSecrets } from "../kept-secrets.ts";
import { type ProposalChoice, referenceArgument, Waiting } from "../proposal-view.ts";
import { draftArgument, type ProposalDraft, proposals } from "./drafts.ts";
import { propose, type ProposalResult } from "./propose.ts";

/** Optional parts of what a member sends. */
export interface SendOptions {
  /** Sent in the clear, authenticated (RFC 9420 §6). Default: empty. */
  readonly authenticatedData?: Uint8Array;
}

/** What was chosen, as it is now. @throws MlsError `ERR_MLS_USAGE` */
export function sendOptions<T>(options: (SendOptions & WriteOptions<T>) | undefined): {
  readonly authenticatedData: Uint8Array;
  readonly alsoWrite: AlsoWrite<T> | undefined;
} {
  const keys = ["authenticatedData", "alsoWrite"] as const;
  const given = optionsArgument<SendOptions & WriteOptions<T>>("options", options, keys);
  const { authenticatedData = new Uint8Array(), alsoWrite } = given;
  return {
    authenticatedData: bytesArgument("authenticatedData", authenticatedData),
    alsoWrite: alsoWriteArgument(alsoWrite),
  };
}

/** A member's proposals, and what it thinks of those of others (RFC 9420 §12.1). */
export abstract class ProposingGroup extends KeptSecrets {
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
  async storePendingProposal(proposal: ProposalChoice, options?: WriteOptions<void>): Promise<void> {
    await this.waiting.keep(this.handle, proposal, options);
  }

  /** Leaves a proposal out of our commits; others may commit it all the same. @returns whether there was one */
  async removePendingProposal(proposal: ProposalChoice, options?: WriteOptions<boolean>): Promise<boolean> {
    return this.#want(proposal, false, options);
  }

  /** Takes a proposal into our commits again. @returns whether there was one */
  async restorePendingProposal(proposal: ProposalChoice, options?: WriteOptions<boolean>): Promise<boolean> {
    return this.#want(proposal, true, options);
  }

  /** Takes all proposals out of our next commit; others may commit those that were sent. @returns how many there were */
  async clearPendingProposals(options?: WriteOptions<number>): Promise<number> {
    return this.handle.transact(
      async (state, transaction) => clearProposals(this.handle, state, transaction),
      writeOptions(options),
    );
  }

  /** Sends a proposal: one of `proposals`, or of a feature (RFC 9420 §12.1). @throws MlsError as a receiver would refuse it */
  async propose(
    signer: Signer,
    proposal: ProposalDraft | Proposal,
    options?: SendOptions & WriteOptions<ProposalResult>,
  ): Promise<ProposalResult> {
    const signs = this.handle.signer(signerArgument(signer));
    const draft = draftArgument(proposal);
    const { authenticatedData, alsoWrite } = sendOptions(options);
    return this.handle.transact(
      async (state, transaction) => propose(this.handle, state, transaction, signs, draft, authenticatedData),
      alsoWrite,
    );
  }

  /**
   * Asks the others to remove this member: by a feature's proposal where all members support it, else by a Remove. This
   * client stays a member until somebody commits it.
   * @throws MlsError
   */
  async leave(signer: Signer, options?: SendOptions & WriteOptions<ProposalResult>): Promise<ProposalResult> {
    const { state, env } = this.handle;
    const { tree } = state.epoch;
    const ways = env.features.features.flatMap(({ leaving }) => leaving?.() ?? []);
    const way = ways.find(
      ({ proposalType }) => tree.supportCount("proposals", proposalType) === tree.memberCount,
    );
    return this.propose(signer, way ?? proposals.remove(state.ownLeaf), options);
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
}
