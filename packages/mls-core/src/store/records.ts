import type { StorageKey, StoragePrefix, StorageRecord } from "@openmls-ts/traits";
import { encode, decode, struct, uint32, uint64 } from "../codec/index.ts";
import { withFormat } from "../stored-format.ts";

/** The tables of a group. The owner of each record is the group id. */
export type Table =
  /** Identity, configuration and standing; its presence is the group's. */
  | "group"
  /** Counts the writes: two writers of one group notice one another by it. */
  | "group_revision"
  /** GroupContext, confirmation tag, and a member's secrets of the current epoch. */
  | "epoch"
  /** By node index: node and tree hash. */
  | "tree_node"
  /** By node index: HPKE private key. */
  | "path_key"
  /** By epoch and secret tree id: ratchets and skipped keys. */
  | "message_key"
  /** By epoch: what opening late messages needs beside the keys. */
  | "past_epoch"
  /** By epoch and wire format: what messages of features need of it, and our leaf's private key. */
  | "past_feature"
  /** By epoch and leaf index: a leaf as it was when that epoch ended. */
  | "past_leaf"
  /** By order of arrival: proposals of the current epoch. */
  | "proposal"
  /** By encryption key: private keys of leaves that we proposed by Update. */
  | "own_update"
  /** Our commit that waits for its confirmation. */
  | "pending_commit"
  /** By epoch: what our commit that begins it hands out, and how to recognise its echo. */
  | "handout"
  /** By epoch (RFC 9420 §8.6). */
  | "resumption_psk"
  /** By label: what a feature keeps of the current epoch's secrets. */
  | "feature_epoch"
  /** By feature and id: records of features. */
  | "feature"
  /** A join from outside that waits for its commit to be accepted: the records of the group to be. */
  | "join";

/** Every table of a group that is joined or followed, for replacing and deleting it. */
export const TABLES: readonly Table[] = [
  "group",
  "group_revision",
  "epoch",
  "tree_node",
  "path_key",
  "message_key",
  "past_epoch",
  "past_feature",
  "past_leaf",
  "proposal",
  "own_update",
  "pending_commit",
  "handout",
  "resumption_psk",
  "feature_epoch",
  "feature",
];

/** Names the records of one group. */
export class GroupRecords {
  readonly groupId: Uint8Array;

  constructor(groupId: Uint8Array) {
    this.groupId = groupId;
  }

  key(table: Table, id: Uint8Array = new Uint8Array()): StorageKey {
    return { table, owner: this.groupId, id };
  }

  prefix(table: Table, id: Uint8Array = new Uint8Array()): StoragePrefix {
    return { table, owner: this.groupId, id };
  }

  /** A record to put: the format version, then the value. */
  record(table: Table, id: Uint8Array, value: Uint8Array): StorageRecord {
    return { key: this.key(table, id), value: withFormat(value, table) };
  }
}

/** A node or leaf index as the id of a record. */
export function indexId(index: number): Uint8Array {
  return encode(uint32, index);
}

/** An epoch as the id of a record. */
export function epochId(epoch: bigint): Uint8Array {
  return encode(uint64, epoch);
}

const epochAndIndex = struct<{ epoch: bigint; index: number }>({ epoch: uint64, index: uint32 });

/** An epoch and a leaf index as the id of a record. */
export function epochLeafId(epoch: bigint, index: number): Uint8Array {
  return encode(epochAndIndex, { epoch, index });
}

/** The inverse of {@link epochLeafId}. */
export function readEpochLeafId(id: Uint8Array): { readonly epoch: bigint; readonly index: number } {
  return decode(epochAndIndex, id);
}
