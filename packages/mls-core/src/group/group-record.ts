import { type EpochState, epochState } from "../commit/index.ts";
import { type Codec, decode, encode, opaque, optional, struct, uint16, uint32 } from "../codec/index.ts";
import type { Environment } from "../environment.ts";
import { groupContext, type GroupContext, type Proposal, proposal, type ReInit } from "../wire/index.ts";
import { decodeEpochSecrets, encodeEpochSecrets } from "../key-schedule/index.ts";
import { ProposalType } from "../registry.ts";
import { type CipherSuite, wipe } from "@openmls-ts/traits";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { decodeTreeEntry, encodeTreeEntry } from "../tree/tree-entry.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import { storageOf } from "../typed-storage.ts";
import type { Batch } from "./batch.ts";
import { type MlsGroupConfig, storedConfig } from "./config.ts";
import { decodeRecord, type GroupRecords, indexId } from "./records.ts";
import { openRecord } from "../stored-format.ts";

/** What the record of a group says, whatever the epoch. */
export interface GroupRecord {
  readonly cipherSuite: number;
  readonly ownLeaf: number;
  /** Width of the tree, so that it is built at once when loading. */
  readonly leafCount: number;
  readonly config: MlsGroupConfig;
  /** The ReInit after which the group waits for its successor. */
  readonly reinit: Proposal | undefined;
}

const groupRecord: Codec<GroupRecord> = struct<GroupRecord>({
  cipherSuite: uint16,
  ownLeaf: uint32,
  leafCount: uint32,
  config: storedConfig,
  reinit: optional(proposal),
});

export function encodeGroupRecord(record: GroupRecord): Uint8Array {
  return encode(groupRecord, record);
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeGroupRecord(value: Uint8Array): GroupRecord & { readonly reinit: ReInit | undefined } {
  const record = decodeRecord(groupRecord, value);
  const reinit = record.reinit?.proposalType === ProposalType.reinit ? record.reinit : undefined;
  return { ...record, reinit };
}

interface StoredEpoch {
  readonly groupContext: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly secrets: Uint8Array;
}

const storedEpoch: Codec<StoredEpoch> = struct<StoredEpoch>({
  groupContext,
  confirmationTag: opaque,
  secrets: opaque,
});

/** Everything of an epoch but trees and message keys. */
export function encodeEpoch(state: EpochState): Uint8Array {
  const secrets = encodeEpochSecrets(state.secrets);
  const encoded = encode(storedEpoch, { ...state, secrets });
  wipe(secrets);
  return encoded;
}

/** Puts an epoch together again. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeEpoch(
  suite: CipherSuite,
  record: Uint8Array,
  trees: Pick<EpochState, "tree" | "privateTree">,
): EpochState {
  const stored = decodeRecord(storedEpoch, record);
  return epochState(suite, { ...stored, ...trees, secrets: decodeEpochSecrets(stored.secrets) });
}

/** The nodes that differ from a tree already stored; all of them without one. */
export function writeTree(
  batch: Batch,
  records: GroupRecords,
  tree: RatchetTree,
  stored?: RatchetTree,
  table: "tree_node" | "public_node" = "tree_node",
): void {
  tree.treeHash();
  for (const [nodeIndex, entry] of stored === undefined ? tree.entries() : tree.changedEntries(stored)) {
    if (entry === undefined) {
      batch.delete(records.key(table, indexId(nodeIndex)));
    } else {
      batch.put(records.record(table, indexId(nodeIndex), encodeTreeEntry(nodeIndex, entry)));
    }
  }
}

/** A tree from its records; verifies and hashes nothing. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function readTree(
  env: Environment,
  records: GroupRecords,
  leafCount: number,
  table: "tree_node" | "public_node" = "tree_node",
): Promise<RatchetTree> {
  const nodes = await storageOf(env.provider).list(records.prefix(table));
  const entries = nodes.map(({ key, value }) => {
    const index = decode(uint32, key.id);
    return [index, decodeTreeEntry(index, openRecord(value))] as const;
  });
  return RatchetTree.fromEntries(env.suite, leafCount, entries, env.limits.maxLeaves);
}

/** The private keys that differ from those already stored; all of them without any. */
export function writePrivateTree(
  batch: Batch,
  records: GroupRecords,
  keys: PrivateTree,
  stored?: PrivateTree,
): void {
  for (const [nodeIndex, key] of stored === undefined ? keys.entries() : keys.changed(stored)) {
    if (key === undefined) {
      batch.delete(records.key("path_key", indexId(nodeIndex)));
    } else {
      batch.put(records.record("path_key", indexId(nodeIndex), key.expose()));
    }
  }
}
