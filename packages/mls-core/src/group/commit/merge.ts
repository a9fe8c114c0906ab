import { MlsError } from "@openmls-ts/traits";
import { type PublicEpoch, type StagedEpoch, wipeEpoch } from "../../epoch/index.ts";
import type { SecretTree } from "../../secret-tree/index.ts";
import {
  changedLeaves,
  deleteHandout,
  deletePastEpoch,
  epochId,
  type GroupStatus,
  isTooOld,
  type MemberState,
  type PastEpoch,
  type PastLeaves,
  type PublicState,
  toPastEpoch,
  wipePast,
  wipePending,
  writeEpoch,
  writeMessageKeys,
  writePastEpoch,
  writeGroupRecord,
  writePastLeaves,
} from "../../store/index.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { stillRestored } from "../restored.ts";
import type { SpentKey } from "../receive/staged-commit.ts";
import type { Room } from "../send/frame.ts";

/** @throws MlsError `ERR_MLS_STALE_COMMIT` for a commit that was staged for another state of the group */
export function checkBase(state: PublicState, staged: { readonly base: PublicEpoch }): void {
  requireActive(state, true);
  if (staged.base.groupContext !== state.epoch.groupContext) {
    throw new MlsError("ERR_MLS_STALE_COMMIT", "the commit was staged for another state of the group", {
      rule: "rfc122",
    });
  }
}

function standing({
  summary,
}: StagedEpoch<PublicEpoch>): Pick<PublicState, "reinit" | "status" | "proposals"> {
  const { reinit } = summary;
  const status: GroupStatus = reinit === undefined ? "active" : "reinitialized"; // RFC 9420 §11.2
  return { reinit, status, proposals: [] }; // RFC 9420 §12.1: proposals belong to one epoch
}

/** Begins the epoch of a commit that is followed from outside. @throws MlsError `ERR_MLS_STALE_COMMIT` */
export function mergePublic(
  { env, records }: Room,
  state: PublicState,
  { batch, commit }: Transaction<PublicState>,
  staged: StagedEpoch<PublicEpoch>,
): void {
  checkBase(state, staged);
  const next: PublicState = { ...state, epoch: staged.next!, ...standing(staged) };
  writeEpoch(batch, records, env, next, state);
  batch.deletePrefix(records.prefix("proposal"));
  commit(next);
}

/** A commit that a member merges. */
export interface Merge {
  readonly staged: StagedEpoch;
  /** The message keys of the next epoch; absent exactly when the commit removes this client. */
  readonly secretTree: SecretTree | undefined;
  /** The key of the ending epoch that the commit came under. */
  readonly spent: SpentKey | undefined;
}

/**
 * Swaps in the epoch that a commit begins: one write of what changed, and the old secrets are gone, the key of the
 * commit among them.
 * @throws MlsError `ERR_MLS_STALE_COMMIT`, `ERR_MLS_GROUP_INACTIVE`
 */
export function mergeMember(
  { env, records }: Room,
  state: MemberState,
  { batch, commit, erase }: Transaction<MemberState>,
  { staged, secretTree, spent }: Merge,
): void {
  checkBase(state, staged);
  if (staged.next === undefined || secretTree === undefined) {
    erase("removed"); // RFC 9420 §12.4.2
    return;
  }
  const old = state.epoch;
  const own = state.pending?.staged.next === staged.next ? state.pending : undefined;
  const next: MemberState = {
    ...state,
    ...standing(staged),
    epoch: staged.next,
    secretTree,
    ownUpdates: new Map(),
    pending: undefined,
    handout: own?.handout,
    pathlessGivenUp: false,
    restored: own === undefined || state.restored !== "renewing" ? stillRestored(state) : "no",
    pastLeaves: keepLeaves({ env, records }, state, staged.next, batch),
  };
  const number = old.groupContext.epoch;
  const keepPast = state.config.maxPastEpochs > 0;
  const retired = keepPast ? state.secretTree.retire({ ownLeaf: state.ownLeaf, used: spent }) : undefined;
  const now = env.clock.now();
  const { maxPastEpochs, maxPastEpochAge } = state.config;
  const all = keepPast ? [...state.past, toPastEpoch(env, old, state.secretTree, now)] : state.past;
  const isKept = (one: PastEpoch, at: number): boolean =>
    at >= all.length - maxPastEpochs && !isTooOld(one, maxPastEpochAge, now);
  const past = all.filter(isKept);
  const dropped = all.filter((one, at) => !isKept(one, at));
  if (retired === undefined) {
    batch.deletePrefix(records.prefix("message_key", epochId(number)));
  } else {
    writePastEpoch(batch, records, past[past.length - 1]!); // has just ended: is kept
    writeMessageKeys(batch, records, number, retired.changes); // RFC 9420 §9.2
  }
  dropped.forEach(({ groupContext }) => deletePastEpoch(batch, records, groupContext.epoch));
  writeEpoch(batch, records, env, next, state);
  deleteHandout(batch, records, number);
  if (own === undefined) {
    deleteHandout(batch, records, number + 1n);
  }
  for (const table of ["proposal", "own_update", "pending_commit"] as const) {
    batch.deletePrefix(records.prefix(table));
  }
  commit({ ...next, past }, () => {
    if (retired === undefined) {
      state.secretTree.wipe();
    } else {
      state.secretTree.apply(retired);
      retired.wipe();
    }
    if (own === undefined) {
      wipePending(state.pending);
    }
    state.ownUpdates.forEach((key) => key.wipe());
    wipePast(dropped);
    wipeEpoch(old);
  });
}

/**
 * Who was in the epochs whose messages or resumption PSKs are still of use: what the commit changes is written, what is
 * too old goes.
 */
function keepLeaves(
  { records }: Room,
  { epoch, config, pastLeaves }: MemberState,
  next: MemberState["epoch"],
  batch: Transaction<MemberState>["batch"],
): PastLeaves {
  const number = epoch.groupContext.epoch;
  const keep = Math.max(config.maxPastEpochs, config.resumptionPskEpochs - 1);
  const kept = new Map(pastLeaves);
  if (keep > 0) {
    const changed = changedLeaves(epoch.tree, next.tree);
    writePastLeaves(batch, records, number, changed);
    kept.set(number, changed);
  }
  for (const ended of pastLeaves.keys()) {
    if (ended + BigInt(keep) <= number) {
      batch.deletePrefix(records.prefix("past_leaf", epochId(ended)));
      kept.delete(ended);
    }
  }
  return kept;
}

/** Gives our pending commit up. */
export function clearPending(
  { env, records }: Room,
  state: MemberState,
  { batch, commit }: Transaction<MemberState>,
): void {
  const { pending, epoch } = state;
  if (pending === undefined) {
    return;
  }
  batch.delete(records.key("pending_commit"));
  // Without a path the same content would seal another Welcome under the same key: what remains says so until the epoch ends.
  const pathlessGivenUp =
    pending.pathlessGivenUp || (!pending.withPath && pending.handout.welcome !== undefined);
  if (!pathlessGivenUp) {
    deleteHandout(batch, records, epoch.groupContext.epoch + 1n);
  }
  const restored = stillRestored(state);
  if (restored !== state.restored) {
    const marked: MemberState = { ...state, restored };
    writeGroupRecord(batch, records, env, marked);
  }
  commit({ pending: undefined, pathlessGivenUp, restored }, () => wipePending(pending));
}
