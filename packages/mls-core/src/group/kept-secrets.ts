import { bigintArgument } from "@openmls-ts/traits";
import { readResumptionPsk } from "../epoch/index.ts";
import { type WriteOptions, writeOptions } from "../store/index.ts";
import { requireActive } from "./handle.ts";
import { MemberView } from "./member-view.ts";
import { dropPast, type PastEpochChoice, pastEpochCondition, type PastEpochInfo } from "./past-epochs.ts";

/** What a member keeps of epochs that have ended. */
export abstract class KeptSecrets extends MemberView {
  /** The ended epochs whose late application messages can still be read, the oldest first (RFC 9420 §15.3). */
  get pastEpochs(): readonly PastEpochInfo[] {
    return this.handle.state.past.map(({ groupContext: { epoch }, endedAt }) => ({ epoch, endedAt }));
  }

  /**
   * Gives up the secrets of ended epochs before their time: all, or those that the choice names.
   * @returns how many epochs
   * @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_CONFLICT`
   */
  async deletePastEpochs(choice?: PastEpochChoice, options?: WriteOptions<number>): Promise<number> {
    const alsoWrite = writeOptions(options);
    const condition = pastEpochCondition(choice, this.handle.env.clock.now());
    return this.handle.transact(async (state, transaction) => {
      requireActive(state, true);
      const { length } = state.past;
      return length - dropPast(this.handle, state, transaction, condition(length)).past.length;
    }, alsoWrite);
  }

  /**
   * The resumption PSK of an epoch (RFC 9420 §8.6), Nh secret bytes. Commits and Welcomes of any group on the same store
   * find it by themselves where `proposals.resumptionPsk` names it.
   * @param epoch default: the current one
   * @returns `undefined` for an epoch whose PSK is kept no longer, see `resumptionPskEpochs`, or that is yet to come
   * @throws MlsError `ERR_MLS_GROUP_INACTIVE`, `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`
   */
  async resumptionPsk(epoch?: bigint): Promise<Uint8Array | undefined> {
    const asked = epoch === undefined ? undefined : bigintArgument("epoch", epoch);
    return this.handle.read(async (state) => {
      requireActive(state, true);
      const { groupContext, secrets } = state.epoch;
      return asked === undefined || asked === groupContext.epoch
        ? secrets.resumptionPsk.expose().slice()
        : readResumptionPsk(this.handle.env.provider, groupContext.groupId, asked);
    });
  }
}
