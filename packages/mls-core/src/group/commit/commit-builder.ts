import {
  booleanArgument,
  bytesArgument,
  functionArgument,
  listArgument,
  optionsArgument,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import { extensionsArgument } from "../../feature/index.ts";
import type { AlsoWrite } from "../../store/index.ts";
import type { KeyPackage } from "../../key-package/index.ts";
import type { Extension, Proposal, PskName, QueuedProposal } from "../../wire/index.ts";
import { watchOf, WORK_OPTIONS, type WorkOptions } from "../../work.ts";
import {
  draftArgument,
  type LeafNodeParameters,
  leafNodeParametersArgument,
  type MemberChoice,
  type ProposalDraft,
  proposals,
} from "../send/drafts.ts";
import type { CommitChoices } from "./build-commit.ts";
import { type CommitResult, type GroupInfoChoices, groupInfoArgument } from "./results.ts";

/** Collects what a commit does (RFC 9420 §12.4). Without any call it commits the pending proposals, or is empty. */
export class CommitBuilder<R = CommitResult> {
  readonly #build: (signer: Signer, choices: CommitChoices) => Promise<R>;
  readonly #proposals: ProposalDraft[] = [];
  #choices: CommitChoices = {};

  /** @internal `MlsGroup.commit` makes one. */
  constructor(build: (signer: Signer, choices: CommitChoices) => Promise<R>) {
    this.#build = build;
  }

  /** A proposal by value: one of `proposals`, or of a feature. */
  propose(...drafts: readonly (ProposalDraft | Proposal)[]): this {
    this.#proposals.push(...drafts.map(draftArgument));
    return this;
  }

  /** Adds members (RFC 9420 §12.1.1). */
  addMembers(keyPackages: readonly (KeyPackage | Uint8Array)[]): this {
    return this.propose(
      ...listArgument("keyPackages", keyPackages).map((keyPackage) => proposals.add(keyPackage)),
    );
  }

  /** Removes members (RFC 9420 §12.1.3). */
  removeMembers(members: readonly MemberChoice[]): this {
    return this.propose(...listArgument("members", members).map((member) => proposals.remove(member)));
  }

  /** Mixes a PSK into the key schedule, with a fresh nonce (RFC 9420 §12.1.4). Every member must have it. */
  injectPsk(psk: PskName): this {
    return this.propose(proposals.psk(psk));
  }

  /** Replaces all extensions of the GroupContext (RFC 9420 §12.1.7). */
  groupContextExtensions(extensions: readonly Extension[]): this {
    return this.propose(proposals.groupContextExtensions(extensions));
  }

  /** Replaces this member's keys even where the proposals do not require it. */
  forceSelfUpdate(force = true): this {
    return this.#with({ forcePath: booleanArgument("force", force) });
  }

  /** Changes this member's leaf. @param newSigner when the signature key changes */
  leafNodeParameters(parameters: LeafNodeParameters, newSigner?: Signer): this {
    return this.#with({
      leafNodeParameters: leafNodeParametersArgument(parameters),
      newSigner: newSigner === undefined ? undefined : signerArgument(newSigner, "newSigner"),
    });
  }

  /** Which of the wanted proposals are committed too: all or none, or by a choice of each. Default: all. */
  includePendingProposals(include: boolean | ((proposal: QueuedProposal) => boolean)): this {
    return this.#with({
      pending: typeof include === "boolean" ? () => include : functionArgument("include", include),
    });
  }

  /** Data sent in the clear with the commit, authenticated by it. */
  authenticatedData(data: Uint8Array): this {
    return this.#with({ authenticatedData: bytesArgument("authenticatedData", data) });
  }

  /** Also makes a GroupInfo that lets others join by external commit (RFC 9420 §12.4.3.2). @param create or of what */
  createGroupInfo(create: boolean | Partial<GroupInfoChoices> = true): this {
    const given = typeof create === "object" ? create : booleanArgument("groupInfo", create) ? {} : undefined;
    return this.#with({ groupInfo: given === undefined ? undefined : groupInfoArgument("groupInfo", given) });
  }

  /** Extensions of the GroupInfo in the Welcome, beside those of the protocol and of features (RFC 9420 §12.4.3). */
  welcomeExtensions(extensions: readonly Extension[]): this {
    return this.#with({ welcomeExtensions: extensionsArgument("extensions", extensions) });
  }

  /** Records of the application for the same batch. */
  alsoWrite(alsoWrite: AlsoWrite<CommitResult>): this {
    return this.#with({ alsoWrite: functionArgument("alsoWrite", alsoWrite) });
  }

  /** For commits that take long. @throws MlsError `ERR_MLS_USAGE`; building, `ERR_MLS_ABORTED` */
  work(options: WorkOptions): this {
    return this.#with({ watch: watchOf(optionsArgument("options", options, WORK_OPTIONS)) });
  }

  /** Makes the commit. It is pending until merged or cleared. @throws MlsError */
  async build(signer: Signer): Promise<R> {
    return this.#build(signerArgument(signer), { ...this.#choices, proposals: [...this.#proposals] });
  }

  #with(choices: CommitChoices): this {
    this.#choices = { ...this.#choices, ...choices };
    return this;
  }
}
