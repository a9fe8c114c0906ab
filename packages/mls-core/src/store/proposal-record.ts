import { type Codec, encode, opaque, optional, type ReadOptions, struct, uint8 } from "../codec/index.ts";
import { decodeRecord } from "../stored-format.ts";
import { type Proposal, proposal, type QueuedProposal, type Sender, sender } from "../wire/index.ts";

/** A proposal of the current epoch that a commit may name. */
export interface KnownProposal extends QueuedProposal {
  readonly reference: Uint8Array;
  /** Order of arrival; names its record. */
  readonly ordinal: number;
  /** Whether our next commit takes it in. */
  readonly wanted: boolean;
  /** Whether it was never sent: it waits for a commit of ours that holds it, and no other can name it. */
  readonly byValue: boolean;
  /** The MLSMessage, of types that external commits name: those who join from outside need it. */
  readonly message: Uint8Array | undefined;
  /** Of its record, in bytes. */
  readonly size: number;
}

interface Stored {
  readonly sender: Sender;
  readonly proposal: Proposal;
  readonly reference: Uint8Array;
  readonly wanted: number;
  readonly message: Uint8Array | undefined;
}

const stored: Codec<Stored> = struct<Stored>({
  sender,
  proposal,
  reference: opaque,
  wanted: uint8,
  message: optional(opaque),
});

export function encodeKnownProposal(known: Omit<KnownProposal, "size">): Uint8Array {
  return encode(stored, { ...known, wanted: known.byValue ? 2 : known.wanted ? 1 : 0 });
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeKnownProposal(
  ordinal: number,
  record: Uint8Array,
  reading: ReadOptions,
): KnownProposal {
  const value = decodeRecord(stored, record, "proposal", reading);
  return { ...value, wanted: value.wanted > 0, byValue: value.wanted === 2, ordinal, size: record.length };
}

interface StoredQueued {
  readonly sender: Sender;
  readonly proposal: Proposal;
  readonly reference: Uint8Array | undefined;
}

/** A queued proposal as part of another record. */
export const queuedProposal: Codec<QueuedProposal> = struct<StoredQueued>({
  sender,
  proposal,
  reference: optional(opaque),
});
