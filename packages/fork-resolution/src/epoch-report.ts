import {
  type Codec,
  decode,
  encode,
  type GroupContext,
  opaqueUpTo,
  struct,
  uint64,
  uint8,
} from "@openmls-ts/mls-core";
import { bytesArgument, equalBytes, MlsError } from "@openmls-ts/traits";

/**
 * What a member tells the others about an epoch that it is in, or about to be in. Members are in one state exactly when
 * all of it is equal (RFC 9420 §8.2, 8.7).
 */
export interface EpochReport {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Hash over all commits so far; empty in a group that was just created. */
  readonly confirmedTranscriptHash: Uint8Array;
  /** Nh bytes. Is no key, but only members of the epoch know it. */
  readonly epochAuthenticator: Uint8Array;
}

/** What there is to report about: a group, or the epoch that a staged or pending commit would begin. */
export interface Reportable {
  readonly groupContext: Pick<GroupContext, "groupId" | "epoch" | "confirmedTranscriptHash">;
  readonly epochAuthenticator: Uint8Array;
}

/** The report of a group, or of the `nextEpoch` or `pendingEpoch` of a commit. */
export function epochReport(state: Reportable): EpochReport {
  const { groupContext, epochAuthenticator } = state;
  const { groupId, epoch, confirmedTranscriptHash } = groupContext;
  return { groupId, epoch, confirmedTranscriptHash, epochAuthenticator };
}

const VERSION = 1;
const short = opaqueUpTo(1024);

const report: Codec<EpochReport & { readonly version: number }> = struct<
  EpochReport & { readonly version: number }
>({
  version: uint8,
  groupId: short,
  epoch: uint64,
  confirmedTranscriptHash: short,
  epochAuthenticator: short,
});

/** A report as bytes, to be sent. @throws MlsError `ERR_MLS_ENCODE`, `ERR_MLS_USAGE` */
export function encodeEpochReport(value: EpochReport): Uint8Array {
  return encode(report, { ...value, version: VERSION });
}

/** The inverse of {@link encodeEpochReport}. @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_USAGE` */
export function decodeEpochReport(bytes: Uint8Array): EpochReport {
  const encoded = bytesArgument("report", bytes);
  if (encoded.length > 0 && encoded[0] !== VERSION) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_VERSION", `an epoch report of version ${encoded[0]}`);
  }
  const { version: _, ...value } = decode(report, encoded);
  return value;
}

/**
 * How another member stands to this one: in the same epoch and state; in an epoch that this one left behind, on the same
 * way; in a later epoch, which says nothing yet; in another state of an epoch that both were in; or in an epoch or group
 * of which this one knows nothing any more.
 */
export type Standing = "same" | "behind" | "ahead" | "forked" | "unknown";

/**
 * Compares what another member reports with what this one knows.
 * @param own reports of this member, of the current epoch and as many earlier ones as were kept, in any order
 */
export function compareReports(own: readonly EpochReport[], other: EpochReport): Standing {
  const known = own.filter(({ groupId }) => equalBytes(groupId, other.groupId));
  if (known.length === 0) {
    return "unknown";
  }
  const newest = known.reduce((best, one) => (one.epoch > best.epoch ? one : best));
  if (other.epoch > newest.epoch) {
    return "ahead";
  }
  const mine = known.find(({ epoch }) => epoch === other.epoch);
  if (mine === undefined) {
    return "unknown";
  }
  const equal =
    equalBytes(mine.confirmedTranscriptHash, other.confirmedTranscriptHash) &&
    equalBytes(mine.epochAuthenticator, other.epochAuthenticator);
  return !equal ? "forked" : mine === newest ? "same" : "behind";
}
