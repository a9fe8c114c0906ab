import { type CipherSuite, wipe } from "@openmls-ts/traits";
import {
  checked,
  type Codec,
  decode,
  encode,
  malformed,
  opaque,
  optional,
  struct,
  uint16,
  uint32,
  uint64,
} from "../codec/index.ts";
import { type EpochState, epochState, type FeatureRecords, type PublicEpoch } from "../epoch/index.ts";
import type { Bundle, Environment } from "../feature/index.ts";
import { decodeEpochSecrets, encodeEpochSecrets } from "../key-schedule/index.ts";
import { ProposalType } from "../registry.ts";
import { decodeRecord, unreadable, valueIn } from "../stored-format.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { decodeTreeEntry, encodeTreeEntry } from "../tree/tree-entry.ts";
import { isLeaf } from "../tree/tree-math.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import { storageOf } from "../typed-storage.ts";
import {
  type GroupContext,
  groupContext,
  isProposal,
  proposal,
  type Proposal,
  type ReInit,
} from "../wire/index.ts";
import type { Batch } from "../write-batch.ts";
import { type MlsGroupConfig, storedConfig } from "./config.ts";
import { GroupRecords, indexId } from "./records.ts";
import { type Restored, storedRestored } from "./restored.ts";

/** What the record of a group says: enough to list it. */
export interface GroupRecord {
  readonly cipherSuite: number;
  readonly epoch: bigint;
  /** `undefined` for a group that is followed from outside. */
  readonly ownLeaf: number | undefined;
  /** Width of the tree, so that it is built at once when loading. */
  readonly leafCount: number;
  readonly memberCount: number;
  readonly config: MlsGroupConfig;
  /** The ReInit after which the group waits for its successor. */
  readonly reinit: Proposal | undefined;
  /** The mark of a copy, which may not send. */
  readonly restored: Restored;
}

const groupRecord: Codec<GroupRecord> = struct<GroupRecord>({
  cipherSuite: uint16,
  epoch: uint64,
  ownLeaf: optional(uint32),
  leafCount: uint32,
  memberCount: uint32,
  config: storedConfig,
  reinit: optional(
    checked(proposal, (value) => {
      if (!isProposal(value, ProposalType.reinit)) throw malformed("not a ReInit");
    }),
  ),
  restored: storedRestored,
});

export function encodeGroupRecord(record: GroupRecord): Uint8Array {
  return encode(groupRecord, record);
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeGroupRecord(value: Uint8Array): GroupRecord & { readonly reinit: ReInit | undefined } {
  return decodeRecord(groupRecord, value, "group") as GroupRecord & { readonly reinit: ReInit | undefined };
}

interface StoredEpoch {
  readonly groupContext: GroupContext;
  readonly confirmationTag: Uint8Array;
  /** Of a member. */
  readonly secrets: Uint8Array | undefined;
}

const storedEpoch: Codec<StoredEpoch> = struct<StoredEpoch>({
  groupContext,
  confirmationTag: opaque,
  secrets: optional(opaque),
});

/** Everything of an epoch but trees and message keys. The caller wipes it. */
export function encodeEpoch(state: PublicEpoch | EpochState): Uint8Array {
  const secrets = "secrets" in state ? encodeEpochSecrets(state.secrets) : undefined;
  const encoded = encode(storedEpoch, { ...state, secrets });
  wipe(secrets);
  return encoded;
}

/** Puts an epoch together again, a member's where the record has secrets. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeEpoch(
  suite: CipherSuite,
  record: Uint8Array,
  tree: RatchetTree,
  member: { readonly privateTree: PrivateTree; readonly featureRecords: FeatureRecords } | undefined,
): PublicEpoch | EpochState {
  const { secrets, ...stored } = decodeRecord(storedEpoch, record, "epoch");
  if ((secrets === undefined) !== (member === undefined)) {
    throw unreadable("epoch", "secrets and membership differ");
  }
  return epochState(suite, {
    ...stored,
    tree,
    ...(secrets === undefined ? {} : { ...member, secrets: decodeEpochSecrets(suite, secrets) }),
  });
}

/**
 * The nodes that differ from a tree already stored; all of them without one. Where nobody is below there is no record, and
 * a leaf's is without its hash: those hashes are cheap, and needed only next to a path that changes.
 */
export function writeTree(
  batch: Batch,
  records: GroupRecords,
  tree: RatchetTree,
  stored?: RatchetTree,
): void {
  tree.treeHash();
  for (const [nodeIndex, entry] of stored === undefined ? tree.entries() : tree.changedEntries(stored)) {
    if (entry !== undefined && !tree.isVacant(nodeIndex)) {
      const kept = isLeaf(nodeIndex) ? { node: entry.node, hash: undefined } : entry;
      batch.put(records.record("tree_node", indexId(nodeIndex), encodeTreeEntry(nodeIndex, kept)));
    } else if (stored !== undefined) {
      batch.delete(records.key("tree_node", indexId(nodeIndex)));
    }
  }
}

/** A tree from its records; verifies and hashes nothing. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function readTree(
  env: Environment,
  records: GroupRecords,
  leafCount: number,
): Promise<RatchetTree> {
  if (leafCount > env.limits.maxLeaves) {
    throw unreadable("group", `a tree of ${leafCount} leaves; at most ${env.limits.maxLeaves} are allowed`);
  }
  const nodes = await storageOf(env.provider).list(records.prefix("tree_node"));
  const entries = nodes.map(({ key, value }) => {
    const { bytes, start } = valueIn(value, "tree_node");
    try {
      const index = decode(uint32, key.id);
      return [index, decodeTreeEntry(index, bytes, start)] as const;
    } catch (cause) {
      throw unreadable("tree_node", undefined, cause);
    }
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

/** Where a group stands, by its record alone. */
export interface GroupListing {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  readonly memberCount: number;
  /** `undefined` for a group that is followed from outside. */
  readonly ownLeafIndex: number | undefined;
  readonly state: "active" | "reinitialized";
  /** Whether it is a copy that may not send yet: see `importGroup`. */
  readonly restored: boolean;
}

/** What a group's own record says. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function listingOf(groupId: Uint8Array, record: Uint8Array): GroupListing {
  const { cipherSuite, epoch, memberCount, ownLeaf, reinit, restored } = decodeGroupRecord(record);
  return {
    groupId: new Uint8Array(groupId),
    cipherSuite,
    epoch,
    memberCount,
    ownLeafIndex: ownLeaf,
    state: reinit === undefined ? "active" : "reinitialized",
    restored: restored !== "no",
  };
}

/** The groups of a store, one record read for each. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT` */
export async function listGroups({ provider }: Bundle): Promise<GroupListing[]> {
  const storage = storageOf(provider);
  const listed: GroupListing[] = [];
  for (const owner of await storage.listOwners("group")) {
    const value = await storage.get(new GroupRecords(owner).key("group"));
    if (value !== undefined) {
      listed.push(listingOf(owner, value));
    }
  }
  return listed;
}
