import { type CipherSuite, concatBytes, type Limits, Secret, type StorageProvider } from "@openmls-ts/traits";
import type { EpochState } from "../commit/epoch-state.ts";
import { type Codec, encode, opaque, optional, struct, uint32 } from "../codec/index.ts";
import { groupContext, type GroupContext, leafNode, type LeafNode } from "../wire/index.ts";
import { SecretTree } from "../secret-tree/index.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Batch } from "./batch.ts";
import { decodeRecord, epochId, epochLeafId, type GroupRecords, readEpochLeafId } from "./records.ts";
import { openRecord } from "../stored-format.ts";

/** An ended epoch whose late application messages can still be read (RFC 9420 §15.3). */
export interface PastEpoch {
  readonly groupContext: GroupContext;
  readonly senderDataSecret: Secret;
  readonly secretTree: SecretTree;
  readonly leafCount: number;
  /** The leaves as they were in that epoch. */
  leaf(leafIndex: number): LeafNode | undefined;
}

interface StoredPastEpoch {
  readonly groupContext: GroupContext;
  readonly leafCount: number;
  readonly senderDataSecret: Uint8Array;
}

const storedPastEpoch: Codec<StoredPastEpoch> = struct<StoredPastEpoch>({
  groupContext,
  leafCount: uint32,
  senderDataSecret: opaque,
});

const pastLeaf: Codec<LeafNode | undefined> = optional(leafNode);

/** Turns an epoch that ends into a past one. */
export function toPastEpoch(state: EpochState, secretTree: SecretTree): PastEpoch {
  const { tree } = state;
  return {
    groupContext: state.groupContext,
    senderDataSecret: state.secrets.senderDataSecret.clone(),
    secretTree,
    leafCount: tree.leafCount,
    leaf: (leafIndex) => tree.leaf(leafIndex),
  };
}

/**
 * Records of an epoch that ends: the leaves that the next tree changes, as they were (the others are found in the
 * current tree), and what the messages need. Its message keys stay where they are.
 */
export function writePastEpoch(
  batch: Batch,
  records: GroupRecords,
  past: PastEpoch,
  before: RatchetTree,
  after: RatchetTree,
): void {
  const { epoch } = past.groupContext;
  for (const [nodeIndex] of after.changedEntries(before)) {
    if (nodeIndex % 2 === 0 && before.leaf(nodeIndex / 2) !== after.leaf(nodeIndex / 2)) {
      const value = encode(pastLeaf, before.leaf(nodeIndex / 2));
      batch.put(records.record("past_leaf", epochLeafId(epoch, nodeIndex / 2), value));
    }
  }
  const value = encode(storedPastEpoch, {
    groupContext: past.groupContext,
    leafCount: past.leafCount,
    senderDataSecret: past.senderDataSecret.expose(),
  });
  batch.put(records.record("past_epoch", epochId(epoch), value));
}

/** Deletes everything kept of an epoch. */
export function deletePastEpoch(batch: Batch, records: GroupRecords, epoch: bigint): void {
  const id = epochId(epoch);
  batch.delete(records.key("past_epoch", id));
  batch.deletePrefix(records.prefix("past_leaf", id));
  batch.deletePrefix(records.prefix("message_key", id));
}

/** The id of a secret tree's record among the group's. */
export function messageKeyId(epoch: bigint, id: Uint8Array): Uint8Array {
  return concatBytes(epochId(epoch), id);
}

/** Loads the message keys of one epoch. */
export async function loadSecretTree(
  storage: StorageProvider,
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
    stored.map(({ key, value }) => ({ id: key.id.subarray(8), value: openRecord(value) })),
  );
}

/** Loads all past epochs, the oldest first. */
export async function loadPastEpochs(
  storage: StorageProvider,
  records: GroupRecords,
  suite: CipherSuite,
  limits: Limits,
  current: RatchetTree,
): Promise<PastEpoch[]> {
  const epochs = await storage.list(records.prefix("past_epoch"));
  const changed = new Map<bigint, Map<number, LeafNode | undefined>>();
  for (const { key, value } of await storage.list(records.prefix("past_leaf"))) {
    const { epoch, index } = readEpochLeafId(key.id);
    const leaves = changed.get(epoch) ?? new Map<number, LeafNode | undefined>();
    leaves.set(index, decodeRecord(pastLeaf, value));
    changed.set(epoch, leaves);
  }
  const past: PastEpoch[] = [];
  // A leaf of an epoch is in the first later record of it, else in the current tree.
  let leafAfter = (leafIndex: number): LeafNode | undefined => current.leaf(leafIndex);
  for (const { value } of [...epochs].reverse()) {
    const stored = decodeRecord(storedPastEpoch, value);
    const { epoch } = stored.groupContext;
    const overlay = changed.get(epoch);
    const after = leafAfter;
    const leaf = (leafIndex: number): LeafNode | undefined =>
      overlay?.has(leafIndex) === true ? overlay.get(leafIndex) : after(leafIndex);
    leafAfter = leaf;
    past.unshift({
      groupContext: stored.groupContext,
      senderDataSecret: new Secret(stored.senderDataSecret),
      secretTree: await loadSecretTree(storage, records, suite, limits, epoch, stored.leafCount),
      leafCount: stored.leafCount,
      leaf,
    });
  }
  return past;
}
