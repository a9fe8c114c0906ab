import { deepCopy, type MlsProvider } from "@openmls-ts/traits";
import { type GroupContext } from "../wire/index.ts";
import { type JoinOptions, stageJoin, type StagedJoin, storeJoin } from "./join-group.ts";
import { type Member, membersOf } from "./member.ts";
import type { MlsGroup } from "./mls-group.ts";
import { wrapGroup } from "./mls-group.ts";

/** A Welcome, opened and verified: look at the group, then join or drop it (RFC 9420 §12.4.3.1). */
export class StagedWelcome {
  readonly #join: StagedJoin;

  private constructor(join: StagedJoin) {
    this.#join = join;
  }

  /**
   * Opens a Welcome for one of this client's KeyPackages and verifies the group it leads to. Stores nothing: a Welcome
   * that fails leaves the KeyPackage as it is.
   * @param welcome an MLSMessage
   * @throws MlsError `ERR_MLS_NO_MATCHING_KEY_PACKAGE`, `ERR_MLS_MISSING_RATCHET_TREE`, `ERR_MLS_MISSING_PSK`,
   *   `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_DECRYPTION`, `ERR_MLS_VALIDATION`, `ERR_MLS_CREDENTIAL_REJECTED`, …
   */
  static async fromWelcome(
    provider: MlsProvider,
    welcome: Uint8Array,
    options: JoinOptions = {},
  ): Promise<StagedWelcome> {
    return new StagedWelcome(await stageJoin(provider, welcome, options));
  }

  /** The state of the group to join. */
  get groupContext(): GroupContext {
    return deepCopy(this.#join.state.groupContext);
  }

  /** Leaf index of the member who sent the Welcome. */
  get sender(): number {
    return this.#join.sender;
  }

  /** The members, this client included. */
  members(): Member[] {
    return membersOf(this.#join.state.tree);
  }

  /**
   * Joins: stores the group and deletes the KeyPackage's private keys in one write.
   * @throws MlsError `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_NO_MATCHING_KEY_PACKAGE` when it was used meanwhile,
   *   `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE`
   */
  async intoGroup(): Promise<MlsGroup> {
    return wrapGroup(await storeJoin(this.#join));
  }
}
