import { badArgument, functionArgument, MlsError } from "@openmls-ts/traits";
import type { Environment, Feature, GroupAccess } from "../feature/index.ts";
import {
  dropResumptionPsks,
  groupConfig,
  type MlsGroupConfig,
  writeGroupRecord,
  type WriteOptions,
  writeOptions,
} from "../store/index.ts";
import { CommittingGroup } from "./commit/committing-group.ts";
import { groupAccess } from "./feature-room.ts";
import { requireActive } from "./handle.ts";
import { narrowSecrets } from "./past-epochs.ts";
import type { StagedCommit } from "./receive/staged-commit.ts";

/** What a member's group is in the store: its settings, records of features, other writers, its end. */
export abstract class KeptGroup extends CommittingGroup {
  /**
   * Whether this state is a copy that may not send, because the one it was made from may have used the same keys. It ends
   * with the merge of a commit of this store, or a new join: see `importGroup`.
   */
  get isRestored(): boolean {
    return this.handle.state.restored !== "no";
  }

  /** Changes how the group behaves on this client; what is not given stays. @throws MlsError `ERR_MLS_USAGE` */
  async setConfig(changes: Partial<MlsGroupConfig>, options?: WriteOptions<void>): Promise<void> {
    const alsoWrite = writeOptions(options);
    groupConfig(changes, this.config);
    const given = { ...changes };
    await this.handle.transact(async (state, transaction) => {
      const { batch, commit } = transaction;
      requireActive(state, true);
      const config = groupConfig(given, state.config);
      dropResumptionPsks(batch, state, config.resumptionPskEpochs);
      writeGroupRecord(batch, this.handle.records, this.handle.env, { ...state, config });
      commit({ config });
      narrowSecrets(this.handle, { ...state, config }, transaction);
    }, alsoWrite);
  }

  /** Takes over what another object or process wrote, after `ERR_MLS_STORAGE_CONFLICT`. @throws MlsError `ERR_MLS_GROUP_NOT_FOUND` */
  async reload(): Promise<void> {
    if (!(await this.handle.reload())) {
      throw new MlsError("ERR_MLS_GROUP_NOT_FOUND", "the group is not in the store any more");
    }
    this.waiting.clear();
  }

  /** Erases the secrets that this object holds in memory, and leaves the store as it is. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Deletes the group with all its secrets, here and in the store. The others are not told. */
  async delete(options?: WriteOptions<void>): Promise<void> {
    await this.handle.delete(writeOptions(options));
  }

  /**
   * Runs something of a feature inside the group's queue; what it changes is written before its result is returned.
   * @param at an epoch to come instead of the present one: that of our `pending` commit, or of a received one. What
   *   changes in a received commit's epoch is kept with the commit, in memory, and written when it is merged
   * @throws MlsError `ERR_MLS_USAGE` for a feature that is not in the provider's list, `ERR_MLS_NO_PENDING_COMMIT`,
   *   `ERR_MLS_STALE_COMMIT`
   */
  async use<T>(
    feature: Feature,
    work: (access: GroupAccess) => Promise<T>,
    at?: "pending" | StagedCommit,
  ): Promise<T> {
    functionArgument("work", work);
    featureArgument(this.handle.env, feature);
    return this.handle.transact(async (state, transaction) => {
      requireActive(state, true);
      const access = groupAccess(this.handle, state, transaction, feature, at);
      return this.handle.callback(async () => work(access));
    });
  }
}

/** @throws MlsError `ERR_MLS_USAGE` for a feature that is not in the provider's list */
export function featureArgument({ features }: Pick<Environment, "features">, feature: unknown): void {
  const name = (feature as Partial<Feature> | null | undefined)?.name;
  if (!features.features.some((known) => known.name === name)) {
    throw badArgument("feature", feature, "one of the provider's features");
  }
}
