import { type Codec, encode, opaque, optional, struct } from "../codec/index.ts";
import type { StorageProvider } from "@openmls-ts/traits";
import type { Batch } from "./batch.ts";
import { decodeRecord, epochId, type GroupRecords } from "./records.ts";

/** What merging our commit releases: only then may others learn of the new epoch (RFC 9420 §14). */
export interface MergedCommit {
  /** The MLSMessage for those whom the commit added. */
  readonly welcome: Uint8Array | undefined;
  /** A GroupInfo for external joins as an MLSMessage, where `createGroupInfo` asked for it. */
  readonly groupInfo: Uint8Array | undefined;
}

/**
 * What a commit of ours leaves behind for its epoch. Written with the pending commit, kept until that epoch ends, so
 * that a crash between merging and delivery loses no Welcome.
 */
export interface Handout extends MergedCommit {
  /** Hash of the commit as it was sent, to recognise its echo. */
  readonly commitHash: Uint8Array;
}

const handout: Codec<Handout> = struct<Handout>({
  commitHash: opaque,
  welcome: optional(opaque),
  groupInfo: optional(opaque),
});

/** @param epoch the one that the commit begins */
export function writeHandout(batch: Batch, records: GroupRecords, epoch: bigint, value: Handout): void {
  batch.put(records.record("handout", epochId(epoch), encode(handout, value)));
}

export function deleteHandout(batch: Batch, records: GroupRecords, epoch: bigint): void {
  batch.delete(records.key("handout", epochId(epoch)));
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadHandout(
  storage: StorageProvider,
  records: GroupRecords,
  epoch: bigint,
): Promise<Handout | undefined> {
  const record = await storage.get(records.key("handout", epochId(epoch)));
  return record === undefined ? undefined : decodeRecord(handout, record);
}
