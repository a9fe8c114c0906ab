import { bigintArgument, numberArgument, optionsArgument } from "@openmls-ts/traits";
import {
  deletePastEpoch,
  isTooOld,
  type MemberState,
  type PastEpoch,
  ratchetWindow,
  wipePast,
  writeMessageKeys,
} from "../store/index.ts";
import type { Transaction } from "./handle.ts";
import type { Room } from "./send/frame.ts";

/** An ended epoch whose late application messages can still be read (RFC 9420 §15.3). */
export interface PastEpochInfo {
  readonly epoch: bigint;
  /** By this client's clock, in seconds since 1970. */
  readonly endedAt: bigint;
}

/** Which past epochs are given up: those to which any of the conditions applies. */
export interface PastEpochChoice {
  /** Ended more than this many seconds ago. */
  readonly olderThan?: bigint;
  /** Ended before this time, in seconds since 1970. */
  readonly endedBefore?: bigint;
  /** All but this many of the newest. */
  readonly keep?: number;
}

/** Whether an epoch, the `at`-th of some, is given up. */
type Condition = (past: PastEpoch, at: number) => boolean;

/** Gives up what opens late messages of some epochs. @returns the state without them */
export function dropPast<S extends MemberState>(
  { records }: Room,
  state: S,
  { batch, commit }: Transaction<MemberState>,
  condition: Condition,
): S {
  const [dropped, past]: [PastEpoch[], PastEpoch[]] = [[], []];
  state.past.forEach((one, at) => (condition(one, at) ? dropped : past).push(one));
  if (dropped.length === 0) {
    return state;
  }
  dropped.forEach(({ groupContext }) => deletePastEpoch(batch, records, groupContext.epoch));
  commit({ past }, () => wipePast(dropped));
  return { ...state, past };
}

/** Gives up what is older than the configuration allows: each message is an occasion. */
export function sweepPast(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
): MemberState {
  const now = room.env.clock.now();
  return dropPast(room, state, transaction, (one) => isTooOld(one, state.config.maxPastEpochAge, now));
}

/** Gives up at once what a changed configuration keeps no longer. @param state with that configuration */
export function narrowSecrets(room: Room, state: MemberState, transaction: Transaction<MemberState>): void {
  const { config, secretTree, past, epoch } = state;
  const beyond = past.length - config.maxPastEpochs;
  const now = room.env.clock.now();
  const rest = dropPast(
    room,
    state,
    transaction,
    (one, at) => at < beyond || isTooOld(one, config.maxPastEpochAge, now),
  );
  const { maxSkippedKeys } = ratchetWindow(config, room.env.limits);
  for (const { groupContext, secretTree: tree } of [...rest.past, { ...epoch, secretTree }]) {
    const planned = tree.narrow(maxSkippedKeys);
    writeMessageKeys(transaction.batch, room.records, groupContext.epoch, planned.changes);
    transaction.commit({}, () => {
      tree.apply(planned);
      planned.wipe();
    });
  }
}

/** What a choice says, looked at. Without any condition it is all epochs. @throws MlsError `ERR_MLS_USAGE` */
export function pastEpochCondition(
  choice: PastEpochChoice | undefined,
  now: bigint,
): (most: number) => Condition {
  const given = optionsArgument<PastEpochChoice>("choice", choice, ["olderThan", "endedBefore", "keep"]);
  const { olderThan, endedBefore, keep = Object.keys(given).length === 0 ? 0 : Infinity } = given;
  if (olderThan !== undefined) bigintArgument("choice.olderThan", olderThan);
  if (endedBefore !== undefined) bigintArgument("choice.endedBefore", endedBefore);
  if (keep !== Infinity) numberArgument("choice.keep", keep);
  return (count) => (one, at) =>
    at < count - keep ||
    (olderThan !== undefined && isTooOld(one, olderThan, now)) ||
    (endedBefore !== undefined && one.endedAt < endedBefore);
}
