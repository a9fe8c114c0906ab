import { equalBytes, MlsError, type MlsProvider, wipe } from "@openmls-ts/traits";
import { type Codec, encode, opaque, struct, uint16, uint64, vector } from "../../codec/index.ts";
import { type Environment, environmentFor } from "../../feature/index.ts";
import { decodeRecord } from "../../stored-format.ts";
import {
  Batch,
  decodeGroupRecord,
  eraseRecords,
  firstRevision,
  GroupRecords,
  isMember,
  loadGroup,
  type MemberState,
  revisionValue,
  writeEpoch,
  writeHandout,
} from "../../store/index.ts";
import { storageOf } from "../../typed-storage.ts";
import { GroupHandle } from "../handle.ts";

interface StoredRecord {
  readonly table: Uint8Array;
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

interface StoredJoin {
  readonly cipherSuite: number;
  readonly epoch: bigint;
  readonly commit: Uint8Array;
  readonly records: readonly StoredRecord[];
}

const storedJoin: Codec<StoredJoin> = struct<StoredJoin>({
  cipherSuite: uint16,
  epoch: uint64,
  commit: opaque,
  records: vector(struct<StoredRecord>({ table: opaque, id: opaque, value: opaque })),
});

/** The whole group to be as one record beside the group that is, in the place of an earlier attempt. */
export async function storeJoinRecord(
  env: Environment,
  commit: Uint8Array,
  state: MemberState,
  also: (batch: Batch, record: Uint8Array) => void,
): Promise<Uint8Array> {
  const { groupId, epoch } = state.epoch.groupContext;
  const records = new GroupRecords(groupId);
  const batch = new Batch();
  writeEpoch(batch, records, env, state);
  writeHandout(batch, records, epoch, state.handout!);
  const encoded = encode(storedJoin, {
    cipherSuite: env.suite.id,
    epoch,
    commit,
    records: batch.puts.map(({ key, value }) => ({ table: tableBytes(key.table), id: key.id, value })),
  });
  batch.wipe();
  const put = records.record("join", new Uint8Array(), encoded);
  wipe(encoded);
  const write = new Batch();
  write.put(put);
  also(write, put.value);
  await storageOf(env.provider).write(write.toStorageBatch());
  return put.value;
}

function tableBytes(table: string): Uint8Array {
  return Uint8Array.from(table, (char) => char.charCodeAt(0));
}

/** Where a group of the id stands in the store: the epoch is `undefined` for none, and one that cannot be read. */
export async function presentGroup(
  provider: MlsProvider,
  groupId: Uint8Array,
): Promise<{ readonly revision: Uint8Array | undefined; readonly epoch: bigint | undefined }> {
  const records = new GroupRecords(groupId);
  const storage = storageOf(provider);
  const revision = await storage.get(records.key("group_revision"));
  const record = await storage.get(records.key("group"));
  let epoch: bigint | undefined;
  try {
    epoch = record === undefined ? undefined : decodeGroupRecord(record).epoch;
  } catch {
    // to join anew is the way out of a damaged one
  }
  return { revision, epoch };
}

/** A join that waits in the store. */
export interface PendingJoin {
  readonly epoch: bigint;
  readonly commit: Uint8Array;
  readonly record: Uint8Array;
}

/** The join of a group that waits for its commit to be accepted; `undefined` when there is none. @throws MlsError */
export async function loadPendingJoin(
  provider: MlsProvider,
  groupId: Uint8Array,
): Promise<PendingJoin | undefined> {
  const record = await storageOf(provider).get(new GroupRecords(groupId).key("join"));
  if (record === undefined) {
    return undefined;
  }
  const { epoch, commit, records } = decodeRecord(storedJoin, record, "join", { maxElements: Infinity });
  records.forEach(({ value }) => wipe(value));
  return { epoch, commit, record };
}

/**
 * Puts the group to be in the place of what is stored of it, in one write, once its commit was accepted.
 * @throws MlsError `ERR_MLS_STALE_COMMIT` when the join was given up or carried out, or the stored group is as far,
 *   `ERR_MLS_STORAGE_CONFLICT` when that changes at this moment
 */
export async function completeJoin(
  provider: MlsProvider,
  groupId: Uint8Array,
  record: Uint8Array,
  also: (batch: Batch) => void,
): Promise<GroupHandle<MemberState>> {
  const names = new GroupRecords(groupId);
  const storage = storageOf(provider);
  const stored = await storage.get(names.key("join"));
  if (stored === undefined || !equalBytes(stored, record)) {
    throw new MlsError("ERR_MLS_STALE_COMMIT", "this join was given up, or carried out before", {
      rule: "rfc122",
    });
  }
  const { records, epoch, cipherSuite } = decodeRecord(storedJoin, record, "join", { maxElements: Infinity });
  const present = await presentGroup(provider, groupId);
  if (present.epoch !== undefined && present.epoch >= epoch) {
    records.forEach(({ value }) => wipe(value));
    throw new MlsError("ERR_MLS_STALE_COMMIT", "the stored group is as far as this join", { rule: "rfc122" });
  }
  const { suite } = await environmentFor(provider, cipherSuite);
  const batch = new Batch();
  eraseRecords(batch, names);
  batch.expect(names.key("join"), record);
  batch.expect(names.key("group_revision"), present.revision);
  batch.delete(names.key("join"));
  for (const { table, id, value } of records) {
    batch.put({ key: { table: String.fromCharCode(...table), owner: groupId, id }, value });
  }
  batch.put({ key: names.key("group_revision"), value: revisionValue(firstRevision(suite)) });
  try {
    also(batch);
    await storage.write(batch.toStorageBatch());
  } finally {
    batch.wipe();
  }
  const loaded = await loadGroup(provider, groupId);
  if (loaded === undefined || !isMember(loaded.state)) {
    throw new MlsError("ERR_MLS_STORAGE_CONFLICT", "somebody else deleted the group");
  }
  return new GroupHandle(loaded.env, names, loaded.state, loaded.revision);
}

/** Gives a join up: the group that was stored stays as it is. @throws MlsError `ERR_MLS_STORAGE` */
export async function abandonJoin(
  provider: MlsProvider,
  groupId: Uint8Array,
  record: Uint8Array,
  also: (batch: Batch) => void,
): Promise<void> {
  const key = new GroupRecords(groupId).key("join");
  const storage = storageOf(provider);
  const present = await storage.get(key);
  if (present !== undefined && equalBytes(present, record)) {
    const batch = new Batch();
    batch.expect(key, record);
    batch.delete(key);
    also(batch);
    await storage.write(batch.toStorageBatch());
  }
  wipe(record);
}
