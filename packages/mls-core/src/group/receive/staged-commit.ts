import { deepCopy, MlsError } from "@openmls-ts/traits";
import {
  type CommitSummary,
  type EpochState,
  type PublicEpoch,
  type StagedEpoch,
  wipeEpoch,
} from "../../epoch/index.ts";
import type { SecretTree } from "../../secret-tree/index.ts";
import { freeze } from "../../plan/index.ts";

/** Which key of the present epoch a staged commit was encrypted with; none for a public one. */
export interface SpentKey {
  readonly leafIndex: number;
}

interface Inside<E extends PublicEpoch> {
  readonly staged: StagedEpoch<E>;
  readonly secretTree: SecretTree | undefined;
  readonly spent: SpentKey | undefined;
  readonly onDiscard: () => void;
}

let reveal: (commit: StagedCommit) => Inside<PublicEpoch> | undefined;

/** A received commit, verified and worked out, waiting to be merged. Nothing has changed yet. */
export class StagedCommit {
  /** What the commit does; a copy, frozen. Look at it before merging. */
  readonly summary: CommitSummary;
  #inside: Inside<PublicEpoch> | undefined;

  /** @internal Applications receive staged commits from `processMessage`. */
  constructor(inside: Inside<PublicEpoch>) {
    this.summary = freeze(deepCopy(inside.staged.summary));
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
