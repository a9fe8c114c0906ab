import {
  type Codec,
  decode,
  encode,
  opaque,
  struct,
  uint8,
  uint16,
  uint64,
  vector,
} from "@openmls-ts/mls-core";
import { concatBytes, MlsError, utf8 } from "@openmls-ts/traits";

/** Version of every record here. */
const FORMAT = 1;

/** How a record is written and read. */
export interface RecordFormat<T> {
  readonly write: (value: T) => Uint8Array;
  /** @throws MlsError `ERR_MLS_STORAGE_FORMAT`, `ERR_MLS_DECODE` */
  readonly read: (bytes: Uint8Array) => T;
}

function record<T extends object>(codec: Codec<T>): RecordFormat<T> {
  return {
    write: (value) => concatBytes(Uint8Array.of(FORMAT), encode(codec, value)),
    read: (bytes) => {
      if (bytes[0] !== FORMAT) {
        throw new MlsError("ERR_MLS_STORAGE_FORMAT", `a record of the client in format ${String(bytes[0])}`);
      }
      return decode(codec, bytes.slice(1));
    },
  };
}

const text: Codec<string> = {
  size: (value) => opaque.size(utf8(value)),
  write: (writer, value) => opaque.write(writer, utf8(value)),
  read: (reader) => new TextDecoder().decode(opaque.read(reader)),
};

/** Where a group stands; see {@link GroupState}. */
export const GROUP_STATES = ["creating", "active", "joining", "removed", "left", "stuck"] as const;
/** `creating`, `joining`: not known to the service, or not to us. `stuck`: a commit could not be followed. */
export type GroupState = (typeof GROUP_STATES)[number];

/** A group as the client keeps it. */
export interface GroupRecord {
  readonly state: number;
  /** The last entry of the log that was processed. */
  readonly cursor: bigint;
  /** Drawn when the group was joined: tells this membership's messages from those of another. */
  readonly stream: Uint8Array;
  /** Messages of this stream so far. */
  readonly counter: bigint;
  /** Events so far. */
  readonly events: bigint;
  /** Of the log since the epoch began. */
  readonly digest: Uint8Array;
  /** The digests at the last places: place (8) and the first 8 bytes, one after the other. */
  readonly recent: Uint8Array;
  readonly why: string;
}

export const groupRecord: RecordFormat<GroupRecord> = record<GroupRecord>(
  struct<GroupRecord>({
    state: uint8,
    cursor: uint64,
    stream: opaque,
    counter: uint64,
    events: uint64,
    digest: opaque,
    recent: opaque,
    why: text,
  }),
);

/** What an application is told, as it is stored. */
export interface InboxRecord {
  readonly kind: string;
  readonly user: string;
  readonly device: Uint8Array;
  /** Who did it, where that is somebody else. */
  readonly by: string;
  readonly time: bigint;
  readonly epoch: bigint;
  readonly counter: bigint;
  readonly body: Uint8Array;
  readonly reason: string;
}

export const inboxRecord: RecordFormat<InboxRecord> = record<InboxRecord>(
  struct<InboxRecord>({
    kind: text,
    user: text,
    device: opaque,
    by: text,
    time: uint64,
    epoch: uint64,
    counter: uint64,
    body: opaque,
    reason: text,
  }),
);

/** A message on its way. */
export interface OutboxRecord {
  /** 0 `queued`, 1 `encrypted`. */
  readonly state: number;
  readonly counter: bigint;
  readonly body: Uint8Array;
  readonly bytes: Uint8Array;
}

export const outboxRecord: RecordFormat<OutboxRecord> = record<OutboxRecord>(
  struct<OutboxRecord>({ state: uint8, counter: uint64, body: opaque, bytes: opaque }),
);

/** What somebody wishes of a group. */
export const INTENT_KINDS = ["invite", "remove", "rotate", "leave", "commit-proposals"] as const;
export type IntentKind = (typeof INTENT_KINDS)[number];

/** A wish; `built` means that it is perhaps sent. */
export interface IntentRecord {
  readonly kind: number;
  /** 0 `wished`, 1 `built`. */
  readonly state: number;
  readonly user: string;
  /** Addresses of the members that are to be removed, as they were at the wish. */
  readonly instances: readonly Uint8Array[];
  /** Key packages that were claimed for it and not used yet; of a leave, the proposal that asks for it in this epoch. */
  readonly carried: readonly Uint8Array[];
  /** SHA-256 of the commit that it is in. */
  readonly commit: Uint8Array;
  readonly losses: number;
  readonly notBefore: bigint;
  readonly expiry: bigint;
}

export const intentRecord: RecordFormat<IntentRecord> = record<IntentRecord>(
  struct<IntentRecord>({
    kind: uint8,
    state: uint8,
    user: text,
    instances: vector(opaque),
    carried: vector(opaque),
    commit: opaque,
    losses: uint16,
    notBefore: uint64,
    expiry: uint64,
  }),
);

/** The highest counter of a sender's stream that was taken in. */
export const counterRecord: RecordFormat<{ readonly counter: bigint }> = record<{ readonly counter: bigint }>(
  struct<{ readonly counter: bigint }>({ counter: uint64 }),
);

/** The body of an application message. */
export interface Frame {
  readonly stream: Uint8Array;
  readonly counter: bigint;
  /** Where its sender had read to, and the digest there. */
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly body: Uint8Array;
}

export const frame: RecordFormat<Frame> = record<Frame>(
  struct<Frame>({ stream: opaque, counter: uint64, seq: uint64, digest: opaque, body: opaque }),
);

/** Who runs the loop on a store. */
export interface LeaderRecord {
  readonly holder: Uint8Array;
  /** Seconds since 1970. */
  readonly until: bigint;
}

export const leaderRecord: RecordFormat<LeaderRecord> = record<LeaderRecord>(
  struct<LeaderRecord>({ holder: opaque, until: uint64 }),
);

/** A 64-bit number as the id of a record. */
export function numberId(value: bigint): Uint8Array {
  return encode(uint64, value);
}
