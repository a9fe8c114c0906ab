import { type MlsProvider, wipe } from "@openmls-ts/traits";
import { resumptionPskKey } from "../epoch/index.ts";
import type { Environment } from "../feature/index.ts";
import { withFormat } from "../stored-format.ts";
import type { RecordChanges } from "../secret-tree/index.ts";
import { storageOf } from "../typed-storage.ts";
import { Batch } from "../write-batch.ts";
import { encodeEpoch, encodeGroupRecord, writePrivateTree, writeTree } from "./group-record.ts";
import { isMember, type MemberState, type PublicState } from "./group-state.ts";
import { messageKeyId } from "./past-epochs.ts";
import { nameBytes } from "./pending-record.ts";
import { GroupRecords, TABLES } from "./records.ts";

const NO_ID = new Uint8Array();

/** The group's own record: identity, configuration, standing. */
export function writeGroupRecord(
  batch: Batch,
  records: GroupRecords,
  { suite }: Environment,
  state: PublicState,
): void {
  const { epoch, config, reinit } = state;
  const { tree, groupContext } = epoch;
  const record = encodeGroupRecord({
    cipherSuite: suite.id,
    epoch: groupContext.epoch,
    ownLeaf: isMember(state) ? state.ownLeaf : undefined,
    leafCount: tree.leafCount,
    memberCount: tree.memberCount,
    config,
    reinit,
    restored: isMember(state) ? state.restored : "no",
  });
  batch.put(records.record("group", NO_ID, record));
}

/** Changes of message keys of one epoch. */
export function writeMessageKeys(
  batch: Batch,
  records: GroupRecords,
  epoch: bigint,
  changes: RecordChanges,
): void {
  for (const { id, value } of changes.puts) {
    batch.put(records.record("message_key", messageKeyId(epoch, id), value));
  }
  for (const id of changes.deletes) {
    batch.delete(records.key("message_key", messageKeyId(epoch, id)));
  }
}

/** An epoch that begins: what differs from the one before, or everything of a group that is new here. */
export function writeEpoch(
  batch: Batch,
  records: GroupRecords,
  env: Environment,
  state: PublicState,
  before?: PublicState,
): void {
  writeGroupRecord(batch, records, env, state);
  const encoded = encodeEpoch(state.epoch);
  batch.put(records.record("epoch", NO_ID, encoded));
  wipe(encoded);
  writeTree(batch, records, state.epoch.tree, before?.epoch.tree);
  if (!isMember(state)) {
    return;
  }
  const { epoch, secretTree } = state;
  const old = before === undefined ? undefined : (before as MemberState).epoch;
  writePrivateTree(batch, records, epoch.privateTree, old?.privateTree);
  const keys = secretTree.all();
  writeMessageKeys(batch, records, epoch.groupContext.epoch, { puts: keys, deletes: [] });
  wipe(...keys.map(({ value }) => value));
  for (const label of old?.featureRecords.keys() ?? []) {
    batch.delete(records.key("feature_epoch", nameBytes(label)));
  }
  for (const [label, value] of epoch.featureRecords) {
    batch.put(records.record("feature_epoch", nameBytes(label), value));
  }
  writeResumptionPsk(batch, state);
}

/** Deletes the resumption PSKs that a group keeps no longer after a change of its configuration (RFC 9420 §8.6). */
export function dropResumptionPsks(batch: Batch, { config, epoch }: MemberState, keep: number): void {
  const { groupId, epoch: number } = epoch.groupContext;
  for (let back = BigInt(keep); back < config.resumptionPskEpochs && back <= number; back++) {
    batch.delete(resumptionPskKey(groupId, number - back));
  }
}

function writeResumptionPsk(batch: Batch, { config, epoch }: MemberState): void {
  const keep = BigInt(config.resumptionPskEpochs);
  const { groupId, epoch: number } = epoch.groupContext;
  if (keep > 0n) {
    const key = resumptionPskKey(groupId, number);
    batch.put({ key, value: withFormat(epoch.secrets.resumptionPsk.expose(), key.table) });
  }
  if (number >= keep) {
    batch.delete(resumptionPskKey(groupId, number - keep)); // RFC 9420 §8.6
  }
}

/** Deletes every record of a group. @param joinToo a join from outside as well that waits to take its place */
export function eraseRecords(batch: Batch, records: GroupRecords, joinToo = false): void {
  for (const table of TABLES) {
    batch.deletePrefix(records.prefix(table));
  }
  if (joinToo) {
    batch.delete(records.key("join"));
  }
}

/** Deletes what the store has of a group, whatever its state. @throws MlsError `ERR_MLS_STORAGE` */
export async function deleteGroup(provider: MlsProvider, groupId: Uint8Array): Promise<void> {
  const batch = new Batch();
  eraseRecords(batch, new GroupRecords(groupId), true);
  await storageOf(provider).write(batch.toStorageBatch());
}

/** A group that begins here, in the place of whatever was stored of it. */
export function writeNewGroup(
  batch: Batch,
  records: GroupRecords,
  env: Environment,
  state: PublicState,
): void {
  eraseRecords(batch, records);
  writeEpoch(batch, records, env, state);
}
