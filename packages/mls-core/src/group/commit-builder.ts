import type { Signer } from "@openmls-ts/traits";
import type { LeafNodeParameters } from "../commit/index.ts";
import { type Extension, type Proposal, type PskName } from "../wire/index.ts";
import type { KeyPackage } from "../key-package/index.ts";
import { ProposalType } from "../registry.ts";
import type { CommitChoices } from "./build-commit.ts";
import type { CommitResult } from "./mls-group.ts";

/** Collects what a commit does (RFC 9420 §12.4). Without any call it commits the pending proposals, or is empty. */
export class CommitBuilder {
  readonly #build: (signer: Signer, choices: CommitChoices) => Promise<CommitResult>;
  readonly #proposals: Proposal[] = [];
  #choices: CommitChoices = {};

  /** For this library; `MlsGroup.commitBuilder` makes one. */
  constructor(build: (signer: Signer, choices: CommitChoices) => Promise<CommitResult>) {
    this.#build = build;
  }

  /** Adds members (RFC 9420 §12.1.1). */
  addMembers(keyPackages: readonly KeyPackage[]): this {
    for (const { fields } of keyPackages) {
      this.#proposals.push({ proposalType: ProposalType.add, keyPackage: fields });
    }
    return this;
  }

  /** Removes members by leaf index (RFC 9420 §12.1.3). */
  removeMembers(leafIndices: readonly number[]): this {
    for (const removed of leafIndices) {
      this.#proposals.push({ proposalType: ProposalType.remove, removed });
    }
    return this;
  }

  /** Mixes a PSK into the key schedule, with a fresh nonce (RFC 9420 §12.1.4). Every member must have it. */
  injectPsk(psk: PskName): this {
    this.#choices = { ...this.#choices, psks: [...(this.#choices.psks ?? []), psk] };
    return this;
  }

  /** Replaces all extensions of the GroupContext (RFC 9420 §12.1.7). */
  groupContextExtensions(extensions: readonly Extension[]): this {
    this.#proposals.push({ proposalType: ProposalType.groupContextExtensions, extensions });
    return this;
  }

  /** Any proposal by value. */
  propose(proposal: Proposal): this {
    this.#proposals.push(proposal);
    return this;
  }

  /** Replaces this member's keys even where the proposals do not require it. */
  forceSelfUpdate(force = true): this {
    this.#choices = { ...this.#choices, forcePath: force };
    return this;
  }

  /** Changes this member's leaf. @param newSigner when the signature key changes */
  leafNodeParameters(parameters: LeafNodeParameters, newSigner?: Signer): this {
    this.#choices = {
      ...this.#choices,
      leafNodeParameters: parameters,
      ...(newSigner === undefined ? {} : { newSigner }),
    };
    return this;
  }

  /** Whether the proposals received in this epoch are committed too. Default: yes. */
  includePendingProposals(include: boolean): this {
    this.#choices = { ...this.#choices, includePending: include };
    return this;
  }

  /** Data sent in the clear with the commit, authenticated by it. */
  authenticatedData(data: Uint8Array): this {
    this.#choices = { ...this.#choices, authenticatedData: data };
    return this;
  }

  /** Also makes a GroupInfo that lets others join by external commit (RFC 9420 §12.4.3.2). */
  createGroupInfo(create = true): this {
    this.#choices = { ...this.#choices, externalPub: create };
    return this;
  }

  /** Makes the commit. It is pending until merged or cleared. @throws MlsError */
  async build(signer: Signer): Promise<CommitResult> {
    return this.#build(signer, { ...this.#choices, proposals: this.#proposals });
  }
}
