import { deepCopy, MlsError } from "@openmls-ts/traits";
import {
  type CommitSummary,
  type EpochState,
  type PublicEpoch,
  type StagedEpoch,
  wipeEpoch,
} from "../../epoch/index.ts";
import type { SecretTree } from "../../secret-tree/index.ts";
import { freeze, type RemovedMember } from "../../plan/index.ts";
import { ProposalType } from "../../registry.ts";
import { type CredentialWithKey, externalSendersOf } from "../../wire/index.ts";
import { NextEpoch } from "../next-epoch.ts";

/** Which key of the present epoch a staged commit was encrypted with; none for a public one. */
export interface SpentKey {
  readonly leafIndex: number;
}

interface Inside<E extends PublicEpoch> {
  readonly staged: StagedEpoch<E>;
  readonly secretTree: SecretTree | undefined;
  readonly spent: SpentKey | undefined;
  /** Of a member. */
  readonly ownLeaf?: number;
  readonly onDiscard: () => void;
}

let reveal: (commit: StagedCommit) => Inside<PublicEpoch> | undefined;
let replace: (commit: StagedCommit, next: PublicEpoch) => void;

/** A received commit, verified and worked out, waiting to be merged. Nothing has changed yet. */
export class StagedCommit {
  /** What the commit does; a copy, frozen. Look at it before merging. */
  readonly summary: CommitSummary;
  readonly #ownLeaf: number | undefined;
  #inside: Inside<PublicEpoch> | undefined;

  /** @internal Applications receive staged commits from `processMessage`. */
  constructor(inside: Inside<PublicEpoch>) {
    this.summary = freeze(deepCopy(inside.staged.summary));
    this.#ownLeaf = inside.ownLeaf;
    this.#inside = inside;
  }

  /** The epoch that the commit begins. */
  get epoch(): bigint {
    return this.summary.epoch;
  }

  /** Whether merging takes this client out of the group. */
  get selfRemoved(): boolean {
    return this.summary.selfRemoved;
  }

  /** How this client is removed: whether it had asked for it, and by whose proposal; `undefined` when it stays. */
  get selfRemoval(): RemovedMember | undefined {
    const own = this.#ownLeaf;
    return this.summary.removed.find(({ leafIndex }) => leafIndex === own);
  }

  /**
   * Whose credentials the commit brings in: of new members, of leaves that change, and of external senders where the list
   * changes. The credential validator has accepted them; this is for what it cannot know.
   */
  get credentials(): readonly CredentialWithKey[] {
    const { added, updated, updatePathLeaf, proposals, extensions } = this.summary;
    const leaves = [...added, ...updated].map(({ leafNode }) => leafNode);
    const replaced = proposals.some(
      ({ proposal }) => proposal.proposalType === ProposalType.groupContextExtensions,
    );
    return deepCopy([
      ...[...leaves, ...(updatePathLeaf === undefined ? [] : [updatePathLeaf])].map(
        ({ credential, signatureKey }) => ({ credential, signatureKey }),
      ),
      ...(replaced ? (externalSendersOf(extensions) ?? []) : []),
    ]);
  }

  /** The epoch that merging begins; `undefined` when it takes this client out of the group. */
  get nextEpoch(): NextEpoch | undefined {
    return this.selfRemoved ? undefined : new NextEpoch(() => this.#inside?.staged.next);
  }

  /** Gives the commit up and erases its secrets; it can be processed again. */
  discard(): void {
    const inside = this.#inside;
    this.#inside = undefined;
    if (inside !== undefined) {
      const { next } = inside.staged;
      if (next !== undefined && "secrets" in next) {
        wipeEpoch(next as unknown as EpochState);
      }
      inside.secretTree?.wipe();
      inside.onDiscard();
    }
  }

  static {
    reveal = (commit) => commit.#inside;
    replace = (commit, next) => {
      const inside = commit.#inside;
      if (inside !== undefined) {
        commit.#inside = { ...inside, staged: { ...inside.staged, next } };
      }
    };
    const { dispose } = Symbol as { readonly dispose?: symbol };
    if (dispose !== undefined) {
      Object.defineProperty(this.prototype, dispose, {
        value(this: StagedCommit): void {
          this.discard();
        },
      });
    }
  }
}

/** The inside of a staged commit, whose epoch is of the kind that the group follows. @throws MlsError `ERR_MLS_USAGE` for something else, `ERR_MLS_STALE_COMMIT` once discarded */
export function openStagedCommit<E extends PublicEpoch>(commit: StagedCommit): Inside<E> {
  if (!(commit instanceof StagedCommit)) {
    throw new MlsError("ERR_MLS_USAGE", "expected the stagedCommit of a processed message", {
      details: { argument: "commit" },
    });
  }
  const inside = reveal(commit);
  if (inside === undefined) {
    throw new MlsError("ERR_MLS_STALE_COMMIT", "the staged commit was discarded", { rule: "rfc122" });
  }
  return inside as unknown as Inside<E>;
}

/** Puts a changed epoch in the place of the one that a staged commit begins. */
export function setStagedEpoch(commit: StagedCommit, next: PublicEpoch): void {
  replace(commit, next);
}
