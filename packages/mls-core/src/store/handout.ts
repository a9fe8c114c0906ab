import type { StorageProvider } from "@openmls-ts/traits";
import { type Codec, encode, opaque, optional, struct, uint32, vector } from "../codec/index.ts";
import { decodeRecord } from "../stored-format.ts";
import type { Batch } from "../write-batch.ts";
import { epochId, type GroupRecords } from "./records.ts";

/** For whom a Welcome is. */
export interface WelcomedMember {
  readonly leafIndex: number;
  /** The KeyPackageRef (RFC 9420 §5.2), under which a service has the key package. */
  readonly keyPackageRef: Uint8Array;
}

/** What goes with a commit of ours: only once it is accepted may others learn of the new epoch (RFC 9420 §14). */
export interface MergedCommit {
  /** The MLSMessage for those whom the commit added. */
  readonly welcome: Uint8Array | undefined;
  /** For whom the Welcome is. */
  readonly welcomed: readonly WelcomedMember[];
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
  welcomed: vector(struct<WelcomedMember>({ leafIndex: uint32, keyPackageRef: opaque })),
  groupInfo: optional(opaque),
});

/** @param epoch the one that the commit begins */
export function writeHandout(batch: Batch, records: GroupRecords, epoch: bigint, value: Handout): void {
  batch.put(records.record("handout", epochId(epoch), encode(handout, value)));
}

export function deleteHandout(batch: Batch, records: GroupRecords, epoch: bigint): void {
  batch.delete(records.key("handout", epochId(epoch)));
}

/** The last epoch that there can be; no commit begins one after it (RFC 9420 §8.1). */
const LAST_EPOCH = 0xffff_ffff_ffff_ffffn;

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadHandout(
  storage: Pick<StorageProvider, "get">,
  records: GroupRecords,
  epoch: bigint,
): Promise<Handout | undefined> {
  if (epoch > LAST_EPOCH) {
    return undefined;
  }
  const record = await storage.get(records.key("handout", epochId(epoch)));
  return record === undefined ? undefined : decodeRecord(handout, record, "handout");
}
