import { deepCopy, functionArgument, type MlsProvider } from "@openmls-ts/traits";
import { bundleOf, type Feature, type GroupAccess } from "../feature/index.ts";
import { type WriteOptions, writeOptions } from "../store/index.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Extension, GroupContext, LeafNode, PreSharedKeyId } from "../wire/index.ts";
import {
  declineWelcome,
  discardJoin,
  type JoinOptions,
  stageJoin,
  type StagedJoin,
  storeJoin,
} from "./join/stage-welcome.ts";
import { joinOver, workInJoin } from "./join/staged-room.ts";
import { featureArgument } from "./kept-group.ts";
import { type Member, membersOf } from "./member.ts";
import { type MlsGroup, wrapGroup } from "./mls-group.ts";
import { NextEpoch } from "./next-epoch.ts";
import { OperationQueue } from "./queue.ts";
import { traced } from "./trace.ts";

/** A Welcome, opened and verified: look at the group, then join or drop it (RFC 9420 §12.4.3.1). */
export class StagedWelcome {
  #join: StagedJoin | undefined;
  readonly #queue: OperationQueue;
  readonly #context: GroupContext;
  readonly #tree: RatchetTree;
  readonly #psks: readonly PreSharedKeyId[];
  readonly #extensions: readonly Extension[];
  /** Leaf index of the member who sent the Welcome. */
  readonly sender: number;
  /** The leaf index that this client gets. */
  readonly ownLeafIndex: number;
  /** The KeyPackage that the Welcome is for (RFC 9420 §5.2). */
  readonly keyPackageRef: Uint8Array;

  private constructor(join: StagedJoin) {
    this.#join = join;
    this.#queue = new OperationQueue(join.env.provider.asyncContext);
    this.#context = join.epoch.groupContext;
    this.#tree = join.epoch.tree;
    this.#psks = join.psks;
    this.#extensions = join.groupInfoExtensions;
    this.sender = join.sender;
    this.ownLeafIndex = join.ownLeaf;
    this.keyPackageRef = join.keyPackageRef;
  }

  static {
    const { dispose } = Symbol as { readonly dispose?: symbol };
    if (dispose !== undefined) {
      Object.defineProperty(this.prototype, dispose, {
        value(this: StagedWelcome): void {
          this.discard();
        },
      });
    }
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
    options?: JoinOptions,
  ): Promise<StagedWelcome> {
    const work = async (): Promise<StagedWelcome> =>
      new StagedWelcome(await stageJoin(provider, welcome, options));
    return traced(bundleOf(provider).provider, "stageWelcome", work, (staged) => staged?.groupContext);
  }

  /** The state of the group to join. */
  get groupContext(): GroupContext {
    return deepCopy(this.#context);
  }

  /** The members, this client included. */
  members(): Member[] {
    return membersOf(this.#tree);
  }

  /** The leaf of a member, such as the `sender`, or `undefined`. */
  leafNode(leafIndex: number): LeafNode | undefined {
    return deepCopy(this.#tree.leaf(leafIndex));
  }

  /** The leaf that this client gets: its KeyPackage's. */
  get ownLeafNode(): LeafNode {
    return this.leafNode(this.ownLeafIndex)!;
  }

  /** The PSKs that the group's present epoch is made with. */
  get psks(): readonly PreSharedKeyId[] {
    return deepCopy(this.#psks);
  }

  /** What the sender put beside the group's state, for newcomers alone, less the ratchet tree (RFC 9420 §12.4.3). */
  get groupInfoExtensions(): readonly Extension[] {
    return deepCopy(this.#extensions);
  }

  /** The epoch to join, with its exporter, until it is joined or discarded. */
  get nextEpoch(): NextEpoch {
    return new NextEpoch(() => this.#join?.epoch);
  }

  /**
   * As `MlsGroup.use`, before the group is joined: runs something of a feature in the epoch to join. What it changes is kept with
   * this object, in memory, and written by {@link intoGroup}.
   * @throws MlsError `ERR_MLS_USAGE` for a feature that is not in the provider's list, `ERR_MLS_STALE_COMMIT` after
   *   `intoGroup()` and `discard()`
   */
  async use<T>(feature: Feature, work: (access: GroupAccess) => Promise<T>): Promise<T> {
    functionArgument("work", work);
    return this.#queue.run(async () => {
      const join = this.#join;
      if (join === undefined) {
        throw joinOver();
      }
      featureArgument(join.env, feature);
      const worked = await workInJoin(join, feature, this.#queue, work);
      if (this.#join !== join) {
        worked.wipeNew();
        throw joinOver(); // meanwhile
      }
      this.#join = worked.join;
      worked.wipeOld();
      return worked.result;
    });
  }

  /**
   * Joins: stores the group and deletes the KeyPackage's private keys in one write.
   * @throws MlsError `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_NO_MATCHING_KEY_PACKAGE` when it was used meanwhile,
   *   `ERR_MLS_STALE_COMMIT` the second time and after `discard()`, `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE`
   */
  async intoGroup(options?: WriteOptions<MlsGroup>): Promise<MlsGroup> {
    const alsoWrite = writeOptions(options);
    const join = this.#join;
    if (join === undefined) {
      throw joinOver();
    }
    this.#join = undefined;
    try {
      const work = async (): Promise<MlsGroup> => storeJoin(join, wrapGroup, alsoWrite);
      return await traced(join.env.provider, "joinByWelcome", work, (group) => group ?? this.#context);
    } catch (error) {
      this.#join = join; // nothing was stored: it can be tried again
      throw error;
    }
  }

  /**
   * Gives the join up, and the KeyPackage with it unless it is reusable: the Welcome cannot be opened any more.
   * @throws MlsError `ERR_MLS_STALE_COMMIT` after `intoGroup()` and `discard()`, `ERR_MLS_STORAGE`
   */
  async decline(options?: WriteOptions<void>): Promise<void> {
    const alsoWrite = writeOptions(options);
    if (this.#join === undefined) {
      throw joinOver();
    }
    const { env, keyPackageRef, reusable } = this.#join;
    const use = { keyPackageRef, cipherSuite: env.suite.id, groupId: this.#context.groupId, reusable };
    await declineWelcome(env.provider, use, alsoWrite);
    this.discard();
  }

  /** Gives the join up and erases its secrets; the KeyPackage stays. */
  discard(): void {
    if (this.#join !== undefined) {
      discardJoin(this.#join);
      this.#join = undefined;
    }
  }
}
