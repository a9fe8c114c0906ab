import { deepCopy, type MlsProvider } from "@openmls-ts/traits";
import { epochState, type PublicEpoch } from "../commit/index.ts";
import { type Codec, encode, opaque, struct, uint32, uint64 } from "../codec/index.ts";
import { type Environment, environmentFor } from "../environment.ts";
import { groupContext, type GroupContext } from "../wire/index.ts";
import type { QueuedProposal } from "../proposal/index.ts";
import { Batch } from "./batch.ts";
import { readTree, writeTree } from "./group-record.ts";
import { storageOf } from "../typed-storage.ts";
import { queuedProposal } from "./proposal-store.ts";
import { decodeRecord, GroupRecords, indexId } from "./records.ts";

interface StoredPublicGroup {
  readonly revision: bigint;
  readonly leafCount: number;
  readonly confirmationTag: Uint8Array;
  readonly groupContext: GroupContext;
}

const stored: Codec<StoredPublicGroup> = struct<StoredPublicGroup>({
  revision: uint64,
  leafCount: uint32,
  confirmationTag: opaque,
  groupContext,
});

const NO_ID = new Uint8Array();

/** The records of an observed group, apart from those of a member in the same store. */
export class PublicStore {
  readonly #env: Environment;
  readonly #records: GroupRecords;
  #current: Uint8Array | undefined;

  constructor(env: Environment, groupId: Uint8Array, current?: Uint8Array) {
    this.#env = env;
    this.#records = new GroupRecords(groupId);
    this.#current = current;
  }

  /** Writes an epoch: of the tree what differs from the one before. @throws MlsError `ERR_MLS_STORAGE_CONFLICT` */
  async write(epoch: PublicEpoch, before: PublicEpoch | undefined): Promise<void> {
    const batch = new Batch();
    if (before === undefined) {
      batch.deletePrefix(this.#records.prefix("public_node"));
    }
    batch.deletePrefix(this.#records.prefix("public_proposal"));
    writeTree(batch, this.#records, epoch.tree, before?.tree, "public_node");
    await this.#store(batch, epoch);
  }

  /** Writes a proposal of the current epoch. @throws MlsError `ERR_MLS_STORAGE_CONFLICT` */
  async addProposal(ordinal: number, proposal: QueuedProposal): Promise<void> {
    const batch = new Batch();
    const value = encode(queuedProposal, proposal);
    batch.expect(this.#key(), this.#current);
    batch.expect(this.#records.key("public_proposal", indexId(ordinal)), undefined);
    batch.put(this.#records.record("public_proposal", indexId(ordinal), value));
    await this.#send(batch);
  }

  async erase(): Promise<void> {
    const batch = new Batch();
    for (const table of ["public_group", "public_node", "public_proposal"] as const) {
      batch.deletePrefix(this.#records.prefix(table));
    }
    await this.#send(batch);
  }

  #key(): ReturnType<GroupRecords["key"]> {
    return this.#records.key("public_group");
  }

  async #store(batch: Batch, epoch: PublicEpoch): Promise<void> {
    const revision = this.#current === undefined ? 0n : decodeRecord(stored, this.#current).revision + 1n;
    const record = this.#records.record(
      "public_group",
      NO_ID,
      encode(stored, { ...epoch, revision, leafCount: epoch.tree.leafCount }),
    );
    batch.expect(this.#key(), this.#current);
    batch.put(record);
    const value = record.value.slice();
    await this.#send(batch);
    this.#current = value;
  }

  async #send(batch: Batch): Promise<void> {
    await storageOf(this.#env.provider).write(batch.toStorageBatch());
  }
}

/** Loads an observed group. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT` */
export async function loadPublicState(
  provider: MlsProvider,
  groupId: Uint8Array,
): Promise<
  | { env: Environment; store: PublicStore; epoch: PublicEpoch; proposals: readonly QueuedProposal[] }
  | undefined
> {
  const records = new GroupRecords(deepCopy(groupId));
  const value = await storageOf(provider).get(records.key("public_group"));
  if (value === undefined) {
    return undefined;
  }
  const record = decodeRecord(stored, value);
  const env = await environmentFor(provider, record.groupContext.cipherSuite);
  const tree = await readTree(env, records, record.leafCount, "public_node");
  const { groupContext: context, confirmationTag } = record;
  const proposals = await storageOf(provider).list(records.prefix("public_proposal"));
  return {
    env,
    store: new PublicStore(env, records.groupId, value),
    epoch: epochState(env.suite, { groupContext: context, tree, confirmationTag }),
    proposals: proposals.map((one) => decodeRecord(queuedProposal, one.value)),
  };
}
