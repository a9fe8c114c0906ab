import {
  type CipherSuite,
  concatBytes,
  type Limits,
  Secret,
  type StorageProvider,
  wipe,
} from "@openmls-ts/traits";
import { type Codec, encode, opaque, optional, struct, uint32, uint64 } from "../codec/index.ts";
import type { EpochState } from "../epoch/index.ts";
import type { Environment } from "../feature/index.ts";
import { SecretTree } from "../secret-tree/index.ts";
import { decodeRecord, openRecord } from "../stored-format.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { type GroupContext, groupContext, type LeafNode, leafNode } from "../wire/index.ts";
import type { Batch } from "../write-batch.ts";
import { keepForFeatures, loadPastFeatures, type PastFeatures, writePastFeatures } from "./past-features.ts";
import { epochId, epochLeafId, type GroupRecords, readEpochLeafId } from "./records.ts";

/** An ended epoch whose late application messages can still be read (RFC 9420 §15.3). */
export interface PastEpoch {
  readonly groupContext: GroupContext;
  readonly senderDataSecret: Secret;
  readonly secretTree: SecretTree;
  readonly leafCount: number;
  /** When it ended by this client's clock, in seconds since 1970. */
  readonly endedAt: bigint;
  readonly features: PastFeatures;
  /** The leaves as they were in that epoch. */
  leaf(leafIndex: number): LeafNode | undefined;
}

/** The leaves that a commit changed, as they were before; by the epoch that it ended, ascending. */
export type PastLeaves = ReadonlyMap<bigint, ReadonlyMap<number, LeafNode | undefined>>;

interface StoredPastEpoch {
  readonly groupContext: GroupContext;
  readonly leafCount: number;
  readonly endedAt: bigint;
  readonly senderDataSecret: Uint8Array;
}

const storedPastEpoch: Codec<StoredPastEpoch> = struct<StoredPastEpoch>({
  groupContext,
  leafCount: uint32,
  endedAt: uint64,
  senderDataSecret: opaque,
});

const pastLeaf: Codec<LeafNode | undefined> = optional(leafNode);

/** Turns an epoch that ends into a past one. */
export function toPastEpoch(
  { suite, features }: Environment,
  state: EpochState,
  secretTree: SecretTree,
  endedAt: bigint,
): PastEpoch {
  const { tree } = state;
  return {
    groupContext: state.groupContext,
    senderDataSecret: state.secrets.senderDataSecret.clone(),
    secretTree,
    leafCount: tree.leafCount,
    endedAt,
    features: keepForFeatures(suite, features.wireFormats, state),
    leaf: (leafIndex) => tree.leaf(leafIndex),
  };
}

/** The leaves that differ between two trees, as they are in the first. */
export function changedLeaves(before: RatchetTree, after: RatchetTree): Map<number, LeafNode | undefined> {
  const changed = new Map<number, LeafNode | undefined>();
  for (const [nodeIndex] of after.changedEntries(before)) {
    if (nodeIndex % 2 === 0 && before.leaf(nodeIndex / 2) !== after.leaf(nodeIndex / 2)) {
      changed.set(nodeIndex / 2, before.leaf(nodeIndex / 2));
    }
  }
  return changed;
}

/** Who was in an epoch: a leaf is in the first record of that epoch or of a later one, else in the current tree. */
export function leafAt(
  current: RatchetTree,
  pastLeaves: PastLeaves,
  epoch: bigint,
  leafIndex: number,
): LeafNode | undefined {
  for (const [ended, changed] of pastLeaves) {
    if (ended >= epoch && changed.has(leafIndex)) {
      return changed.get(leafIndex);
    }
  }
  return current.leaf(leafIndex);
}

/** Everybody who was in an epoch. */
export function leavesAt(current: RatchetTree, pastLeaves: PastLeaves, epoch: bigint): LeafNode[] {
  const indices = new Set([...current.members()].map(([leafIndex]) => leafIndex));
  for (const changed of pastLeaves.values()) {
    for (const leafIndex of changed.keys()) {
      indices.add(leafIndex);
    }
  }
  return [...indices].flatMap((leafIndex) => leafAt(current, pastLeaves, epoch, leafIndex) ?? []);
}

/** Records of leaves that are about to change. */
export function writePastLeaves(
  batch: Batch,
  records: GroupRecords,
  epoch: bigint,
  changed: ReadonlyMap<number, LeafNode | undefined>,
): void {
  for (const [leafIndex, leaf] of changed) {
    batch.put(records.record("past_leaf", epochLeafId(epoch, leafIndex), encode(pastLeaf, leaf)));
  }
}

/** The record of an epoch that ends, beside its message keys, which stay where they are. */
export function writePastEpoch(batch: Batch, records: GroupRecords, past: PastEpoch): void {
  const value = encode(storedPastEpoch, {
    groupContext: past.groupContext,
    leafCount: past.leafCount,
    endedAt: past.endedAt,
    senderDataSecret: past.senderDataSecret.expose(),
  });
  batch.put(records.record("past_epoch", epochId(past.groupContext.epoch), value));
  writePastFeatures(batch, records, past.groupContext.epoch, past.features);
  wipe(value); // the record has a copy
}

/** Whether an epoch ended longer ago than a group keeps them. A clock that went back makes nothing older. */
export function isTooOld({ endedAt }: PastEpoch, maxAge: bigint, now: bigint): boolean {
  return now - endedAt > maxAge;
}

/** Deletes what opens messages of an epoch. */
export function deletePastEpoch(batch: Batch, records: GroupRecords, epoch: bigint): void {
  batch.delete(records.key("past_epoch", epochId(epoch)));
  batch.deletePrefix(records.prefix("past_feature", epochId(epoch)));
  batch.deletePrefix(records.prefix("message_key", epochId(epoch)));
}

/** The id of a secret tree's record among the group's. */
export function messageKeyId(epoch: bigint, id: Uint8Array): Uint8Array {
  return concatBytes(epochId(epoch), id);
}

/** Loads the message keys of one epoch. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadSecretTree(
  storage: Pick<StorageProvider, "list">,
  records: GroupRecords,
  suite: CipherSuite,
  limits: Limits,
  epoch: bigint,
  leafCount: number,
): Promise<SecretTree> {
  const stored = await storage.list(records.prefix("message_key", epochId(epoch)));
  return SecretTree.fromRecords(
    suite,
    leafCount,
    limits,
    stored.map(({ key, value }) => ({ id: key.id.subarray(8), value: openRecord(value, "message_key") })),
  );
}

/** Loads the leaves that past commits changed. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadPastLeaves(
  storage: Pick<StorageProvider, "list">,
  records: GroupRecords,
): Promise<PastLeaves> {
  const past = new Map<bigint, Map<number, LeafNode | undefined>>();
  for (const { key, value } of await storage.list(records.prefix("past_leaf"))) {
    const { epoch, index } = readEpochLeafId(key.id);
    const leaves = past.get(epoch) ?? new Map<number, LeafNode | undefined>();
    leaves.set(index, decodeRecord(pastLeaf, value, "past_leaf"));
    past.set(epoch, leaves);
  }
  return past; // ascending: the store lists by id
}

/** Loads all past epochs, the oldest first. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadPastEpochs(
  storage: Pick<StorageProvider, "list">,
  records: GroupRecords,
  { suite, limits, features }: Environment,
  current: RatchetTree,
  pastLeaves: PastLeaves,
): Promise<PastEpoch[]> {
  const past: PastEpoch[] = [];
  for (const { value } of await storage.list(records.prefix("past_epoch"))) {
    const stored = decodeRecord(storedPastEpoch, value, "past_epoch");
    const { epoch } = stored.groupContext;
    past.push({
      groupContext: stored.groupContext,
      senderDataSecret: new Secret(stored.senderDataSecret),
      secretTree: await loadSecretTree(storage, records, suite, limits, epoch, stored.leafCount),
      leafCount: stored.leafCount,
      endedAt: stored.endedAt,
      features: await loadPastFeatures(storage, records, features.wireFormats, epoch),
      leaf: (leafIndex) =>
        leafIndex < stored.leafCount ? leafAt(current, pastLeaves, epoch, leafIndex) : undefined,
    });
  }
  return past;
}
