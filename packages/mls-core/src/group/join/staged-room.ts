import { bytesToKey, MlsError, wipe } from "@openmls-ts/traits";
import type { EpochState } from "../../epoch/index.ts";
import type { Feature, FeatureStore, GroupAccess } from "../../feature/index.ts";
import { accessTo, featureRecordId } from "../feature-room.ts";
import type { OperationQueue } from "../queue.ts";
import type { StagedJoin } from "./stage-welcome.ts";

/** What a feature's work came to, and the join as it is then. */
interface Worked<T> {
  readonly result: T;
  readonly join: StagedJoin;
  /** Erases what the work replaced. */
  readonly wipeOld: () => void;
  /** Erases what the work made, where the join is over meanwhile. */
  readonly wipeNew: () => void;
}

/**
 * Runs something of a feature in the epoch of a join that is not stored yet. What changes is kept with the join.
 * @throws what the work throws; the join is then as it was
 */
export async function workInJoin<T>(
  join: StagedJoin,
  feature: Pick<Feature, "name">,
  queue: Pick<OperationQueue, "callback">,
  work: (access: GroupAccess) => Promise<T>,
): Promise<Worked<T>> {
  let epoch: EpochState = join.epoch;
  const replaced: (() => void)[] = [];
  const featureRecords = new Map(join.featureRecords);
  const id = (part: Uint8Array): string => bytesToKey(featureRecordId(feature, part));
  const store: FeatureStore = {
    get: async (part) => {
      const found = featureRecords.get(id(part));
      return found === undefined ? undefined : new Uint8Array(found.value);
    },
    put: (part, value) =>
      void featureRecords.set(id(part), {
        id: featureRecordId(feature, part),
        value: new Uint8Array(value),
      }),
    delete: (part) => void featureRecords.delete(id(part)),
  };
  const chosen = {
    epoch,
    keep: (next: EpochState, _label: string, _value: Uint8Array, wipeOld: () => void): void => {
      epoch = next;
      replaced.push(wipeOld);
    },
  };
  const access = accessTo(join.env, chosen, join.ownLeaf, feature, store);
  const result = await queue.callback(async () => work(access));
  return {
    result,
    join: { ...join, epoch, featureRecords },
    wipeNew: () => {
      const old = new Set([...join.epoch.featureRecords.values(), ...valuesOf(join)]);
      const made = [...epoch.featureRecords.values(), ...valuesOf({ featureRecords })];
      wipe(...made.filter((value) => !old.has(value)));
    },
    wipeOld: () => {
      replaced.forEach((wipeOld) => {
        wipeOld();
      });
    },
  };
}

/** What features keep with a join. */
export function valuesOf({ featureRecords }: Pick<StagedJoin, "featureRecords">): Uint8Array[] {
  return [...featureRecords.values()].map(({ value }) => value);
}

/** A Welcome that leads nowhere any more. */
export function joinOver(): MlsError {
  return new MlsError("ERR_MLS_STALE_COMMIT", "this Welcome was joined or discarded", { rule: "rfc122" });
}
