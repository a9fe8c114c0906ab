import { bytesArgument, deepCopy, type MlsProvider, type Signer, wipe } from "@openmls-ts/traits";
import { bundleOf } from "../feature/index.ts";
import {
  alsoWriteArgument,
  type Batch,
  type MemberState,
  wipeMember,
  writeAlso,
  type WriteOptions,
  writeOptions,
} from "../store/index.ts";
import { type ExternalJoinOptions, prepareExternalJoin } from "./join/external-join.ts";
import type { OpenedGroupInfo } from "./join/open-group-info.ts";
import { abandonJoin, completeJoin, loadPendingJoin, type PendingJoin } from "./join/pending-join.ts";
import type { GroupHandle } from "./handle.ts";
import { traced } from "./trace.ts";

/** Makes the public object of a group. */
export type Wrap<G> = (handle: GroupHandle<MemberState>) => G;

/**
 * A join from outside that waits for its commit to be accepted (RFC 9420 §12.4.3.2). It is in the store before the commit
 * is handed out; a group of the same id that is stored too stays as it is until then.
 */
export class StagedExternalJoin<G> {
  readonly #provider: MlsProvider;
  readonly #groupId: Uint8Array;
  readonly #join: PendingJoin;
  readonly #wrap: Wrap<G>;

  /** @internal `MlsGroup.joinByExternalCommit` and `MlsGroup.pendingExternalJoin` make one. */
  constructor(provider: MlsProvider, groupId: Uint8Array, join: PendingJoin, wrap: Wrap<G>) {
    this.#provider = provider;
    this.#groupId = groupId;
    this.#join = join;
    this.#wrap = wrap;
  }

  get groupId(): Uint8Array {
    return deepCopy(this.#groupId);
  }

  /** The epoch that the commit begins. */
  get epoch(): bigint {
    return this.#join.epoch;
  }

  /** The MLSMessage for the members. */
  get commit(): Uint8Array {
    return deepCopy(this.#join.commit);
  }

  /**
   * Puts the group in the place of what is stored of it, once the commit was accepted.
   * @throws MlsError `ERR_MLS_STALE_COMMIT` when it was carried out or given up, or the stored group is as far,
   *   `ERR_MLS_STORAGE_CONFLICT` when that changes at this moment, `ERR_MLS_STORAGE`
   */
  async intoGroup(options?: WriteOptions<StagedExternalJoin<G>>): Promise<G> {
    const also = this.#also(options);
    const complete = async (): Promise<GroupHandle<MemberState>> =>
      completeJoin(this.#provider, this.#groupId, this.#join.record, also);
    const group = this.#wrap(await traced(this.#provider, "completeExternalJoin", complete, () => this));
    wipe(this.#join.record);
    return group;
  }

  /** Gives the join up, when the commit lost: what was stored of the group stays. @throws MlsError `ERR_MLS_STORAGE` */
  async discard(options?: WriteOptions<StagedExternalJoin<G>>): Promise<void> {
    await abandonJoin(this.#provider, this.#groupId, this.#join.record, this.#also(options));
  }

  #also(options: WriteOptions<StagedExternalJoin<G>> | undefined): (batch: Batch) => void {
    const alsoWrite = writeOptions(options);
    return (batch) => writeAlso(batch, alsoWrite, this);
  }
}

/** Makes the external commit and stores the join. @throws MlsError */
export async function stageExternalJoin<G>(
  provider: MlsProvider,
  signer: Signer,
  options: ExternalJoinOptions & WriteOptions<StagedExternalJoin<G>>,
  wrap: Wrap<G>,
  opened?: OpenedGroupInfo,
): Promise<StagedExternalJoin<G>> {
  const work = async (): Promise<StagedExternalJoin<G>> => makeJoin(provider, signer, options, wrap, opened);
  return traced(bundleOf(provider).provider, "joinByExternalCommit", work, (join) => join);
}

async function makeJoin<G>(
  provider: MlsProvider,
  signer: Signer,
  options: ExternalJoinOptions & WriteOptions<StagedExternalJoin<G>>,
  wrap: Wrap<G>,
  opened: OpenedGroupInfo | undefined,
): Promise<StagedExternalJoin<G>> {
  let staged: StagedExternalJoin<G> | undefined;
  const alsoWrite = alsoWriteArgument((options as typeof options | undefined)?.alsoWrite);
  const { state } = await prepareExternalJoin(
    provider,
    signer,
    options,
    (batch, join, groupId) => {
      staged = new StagedExternalJoin(provider, groupId, join, wrap);
      writeAlso(batch, alsoWrite, staged);
    },
    opened,
  );
  wipeMember(state);
  return staged!;
}

/** The join of a group that waits in the store; `undefined` when there is none. @throws MlsError */
export async function storedExternalJoin<G>(
  provider: MlsProvider,
  groupId: Uint8Array,
  wrap: Wrap<G>,
): Promise<StagedExternalJoin<G> | undefined> {
  bundleOf(provider);
  const id = bytesArgument("groupId", groupId);
  const join = await loadPendingJoin(provider, id);
  return join === undefined ? undefined : new StagedExternalJoin(provider, id, join, wrap);
}
