import { deepCopy, optionsArgument, type Signer } from "@openmls-ts/traits";
import type { KeyPackage } from "../../key-package/index.ts";
import { type WriteOptions, writeOptions } from "../../store/index.ts";
import type { Proposal } from "../../wire/index.ts";
import {
  draftArgument,
  type LeafNodeParameters,
  type MemberChoice,
  type ProposalDraft,
} from "../send/drafts.ts";
import { ProposingGroup } from "../send/proposing-group.ts";
import { traced } from "../trace.ts";
import { WORK_OPTIONS } from "../../work.ts";
import { buildCommit, type CommitChoices } from "./build-commit.ts";
import { CommitBuilder } from "./commit-builder.ts";
import { queueProposal } from "./queue-proposal.ts";
import type { CommitOptions, CommitResult } from "./results.ts";

/** A member's commits (RFC 9420 §12.4). */
export abstract class CommittingGroup extends ProposingGroup {
  /** Starts a commit of any content. */
  commit(): CommitBuilder {
    return new CommitBuilder(async (signer, choices) =>
      traced(
        this.handle.env.provider,
        "commit",
        async () => this.#commit(signer, choices),
        () => this,
      ),
    );
  }

  /** OpenMLS's name for {@link commit}. */
  commitBuilder(): CommitBuilder {
    return this.commit();
  }

  /**
   * Commits the pending proposals and adds members. The Welcome for them comes from {@link mergePendingCommit}.
   * @param keyPackages verified ones, or MLSMessages
   * @throws MlsError `ERR_MLS_PENDING_COMMIT`, `ERR_MLS_VALIDATION`, `ERR_MLS_CREDENTIAL_REJECTED`, …; of unusable key
   *   packages `details.refused` names each with its index, code and rule
   */
  async addMembers(
    signer: Signer,
    keyPackages: readonly (KeyPackage | Uint8Array)[],
    options?: CommitOptions,
  ): Promise<CommitResult> {
    return this.#with(options).addMembers(keyPackages).forceSelfUpdate().build(signer);
  }

  /** Commits the pending proposals and removes members, named by index, object or credential. @throws MlsError */
  async removeMembers(
    signer: Signer,
    members: readonly MemberChoice[],
    options?: CommitOptions,
  ): Promise<CommitResult> {
    return this.#with(options).removeMembers(members).build(signer);
  }

  /**
   * Commits the pending proposals, removes members and adds others in their places, in one commit: a device changes, or a
   * lost member comes back with a new key package.
   * @throws MlsError as {@link addMembers}
   */
  async swapMembers(
    signer: Signer,
    members: readonly MemberChoice[],
    keyPackages: readonly (KeyPackage | Uint8Array)[],
    options?: CommitOptions,
  ): Promise<CommitResult> {
    return this.#with(options).removeMembers(members).addMembers(keyPackages).build(signer);
  }

  /**
   * Keeps a proposal of ours for our next commit of this epoch, which holds it by value. It is sent to nobody, and holds no
   * message up.
   * @returns a reference for `removePendingProposal`; the same for the same proposal
   * @throws MlsError as the commit would refuse it, `ERR_MLS_LIMIT`
   */
  async queueProposal(
    proposal: ProposalDraft | Proposal,
    options?: WriteOptions<Uint8Array>,
  ): Promise<Uint8Array> {
    const draft = draftArgument(proposal);
    return this.handle.transact(
      async (state, transaction) => queueProposal(this.handle, state, transaction, draft),
      writeOptions(options),
    );
  }

  /** Commits the pending proposals and replaces this member's keys, and its leaf where asked. @throws MlsError */
  async selfUpdate(
    signer: Signer,
    parameters?: LeafNodeParameters,
    newSigner?: Signer,
    options?: CommitOptions,
  ): Promise<CommitResult> {
    return this.#with(options)
      .forceSelfUpdate()
      .leafNodeParameters(parameters === undefined ? {} : parameters, newSigner)
      .build(signer);
  }

  /** Commits the pending proposals; without any it is an empty commit that replaces this member's keys. */
  async commitToPendingProposals(signer: Signer, options?: CommitOptions): Promise<CommitResult> {
    return this.#with(options).build(signer);
  }

  #with(options: CommitOptions | undefined): CommitBuilder {
    const given = optionsArgument<CommitOptions>("options", options, [
      "authenticatedData",
      "groupInfo",
      "alsoWrite",
      ...WORK_OPTIONS,
    ]);
    const { authenticatedData = new Uint8Array(), groupInfo = false, alsoWrite, ...work } = given;
    const builder = this.commit().authenticatedData(authenticatedData).createGroupInfo(groupInfo).work(work);
    return alsoWrite === undefined ? builder : builder.alsoWrite(alsoWrite);
  }

  async #commit(signer: Signer, choices: CommitChoices): Promise<CommitResult> {
    const signs = this.handle.signer(signer);
    const newSigner = choices.newSigner === undefined ? undefined : this.handle.signer(choices.newSigner);
    return this.handle.transact(async (state, transaction) => {
      const made = await buildCommit(this.handle, state, transaction, signs, { ...choices, newSigner });
      return {
        ...deepCopy({ commit: made.pending.message, summary: made.pending.staged.summary }),
        leftOut: made.leftOut.map(({ proposal, reason }) => ({ proposal: deepCopy(proposal), reason })),
      };
    }, choices.alsoWrite);
  }
}
