import {
  concatBytes,
  equalBytes,
  type StorageBatch,
  type StorageKey,
  type StorageRecord,
} from "@openmls-ts/traits";
import { bytesToHex } from "@openmls-ts/traits";
import type { Context } from "./context.ts";
import {
  counterRecord,
  GROUP_STATES,
  type GroupRecord,
  groupRecord,
  type GroupState,
  type InboxRecord,
  inboxRecord,
  type IntentRecord,
  intentRecord,
  numberId,
  type OutboxRecord,
  outboxRecord,
} from "./records.ts";
import { key, records, Tables } from "./tables.ts";

/** Digests that are kept to be compared. */
const RECENT = 32;
const DIGEST = 8;

/** A record with its id. */
export interface Kept<T> {
  readonly id: Uint8Array;
  readonly value: T;
}

/** What is to be written in one batch with a step of a group. */
export interface Step {
  readonly change?: Partial<GroupRecord>;
  readonly events?: readonly InboxRecord[];
  readonly puts?: readonly StorageRecord[];
  readonly deletes?: readonly StorageKey[];
}

/**
 * The client's records of one group. Each batch expects the group's record as it was read, so that of two processes one loses and
 * nothing is done twice.
 */
export class GroupStore {
  readonly groupId: Uint8Array;
  readonly #ctx: Context;
  #record: GroupRecord;
  #bytes: Uint8Array | undefined;
  /** Highest counter by device and stream. */
  readonly counters: Map<string, bigint> = new Map();

  private constructor(ctx: Context, groupId: Uint8Array, record: GroupRecord, bytes: Uint8Array | undefined) {
    this.#ctx = ctx;
    this.groupId = groupId;
    this.#record = record;
    this.#bytes = bytes;
  }

  /** A group that is about to be in the store. */
  static fresh(ctx: Context, groupId: Uint8Array, state: GroupState, cursor: bigint): GroupStore {
    const record: GroupRecord = {
      state: GROUP_STATES.indexOf(state),
      cursor,
      stream: ctx.seams.random(8),
      counter: 0n,
      events: 0n,
      digest: new Uint8Array(),
      recent: new Uint8Array(),
      why: "",
    };
    return new GroupStore(ctx, groupId, record, undefined);
  }

  /** @returns `undefined` where there is no such group */
  static async load(ctx: Context, groupId: Uint8Array): Promise<GroupStore | undefined> {
    const store = GroupStore.fresh(ctx, groupId, "active", 0n);
    return (await store.reload()) ? store : undefined;
  }

  /** Reads the records again, after somebody else wrote. */
  async reload(): Promise<boolean> {
    const { storage } = this.#ctx.provider;
    const bytes = await storage.get(key(Tables.group, this.groupId));
    if (bytes === undefined) return false;
    this.#record = groupRecord.read(bytes);
    this.#bytes = bytes;
    this.counters.clear();
    for (const { key: at, value } of await records(storage, Tables.sender, this.groupId)) {
      this.counters.set(bytesToHex(at.id), counterRecord.read(value).counter);
    }
    return true;
  }

  get record(): GroupRecord {
    return this.#record;
  }

  get state(): GroupState {
    return GROUP_STATES[this.#record.state] ?? "stuck";
  }

  /** The batch of a step, and what must be called once it is written. */
  prepare({ change = {}, events = [], puts = [], deletes = [] }: Step): {
    readonly batch: StorageBatch;
    readonly written: () => void;
  } {
    const first = this.#record.events;
    const record = { ...this.#record, ...change, events: first + BigInt(events.length) };
    const bytes = groupRecord.write(record);
    const inbox = events.map((event, i) => ({
      key: key(Tables.inbox, this.groupId, numberId(first + BigInt(i) + 1n)),
      value: inboxRecord.write(event),
    }));
    return {
      batch: {
        puts: [{ key: key(Tables.group, this.groupId), value: bytes }, ...inbox, ...puts],
        deletes,
        expect: [{ key: key(Tables.group, this.groupId), value: this.#bytes }],
      },
      written: () => {
        this.#record = record;
        this.#bytes = bytes;
        if (events.length > 0) this.#ctx.notify();
      },
    };
  }

  /** Writes a step that is in no batch of the group's. */
  async write(step: Step): Promise<void> {
    const { batch, written } = this.prepare(step);
    await this.#ctx.provider.storage.write(batch);
    written();
  }

  /** What the record says after an entry of the log. @param authenticator of the epoch that begins with it, if one does */
  after(seq: bigint, bytes: Uint8Array, authenticator?: Uint8Array): Partial<GroupRecord> {
    const { suite } = this.#ctx;
    const digest =
      authenticator === undefined
        ? suite.hash(concatBytes(this.#record.digest, numberId(seq), suite.hash(bytes)))
        : suite.hash(authenticator);
    const recent = concatBytes(this.#record.recent, numberId(seq), digest.slice(0, DIGEST));
    return { cursor: seq, digest, recent: recent.slice(-RECENT * (8 + DIGEST)) };
  }

  /** Whether a sender saw the same log at a place; `undefined` where this client does not know it any more. */
  sameLog(seq: bigint, digest: Uint8Array): boolean | undefined {
    const { recent } = this.#record;
    for (let at = 0; at < recent.length; at += 8 + DIGEST) {
      if (equalBytes(recent.slice(at, at + 8), numberId(seq))) {
        return equalBytes(recent.slice(at + 8, at + 8 + DIGEST), digest);
      }
    }
    return undefined;
  }

  /** Messages on their way, in the order in which they were written. */
  async outbox(): Promise<Kept<OutboxRecord>[]> {
    const found = await records(this.#ctx.provider.storage, Tables.outbox, this.groupId);
    return found.map(({ key: { id }, value }) => ({ id, value: outboxRecord.read(value) }));
  }

  async intents(): Promise<Kept<IntentRecord>[]> {
    const found = await records(this.#ctx.provider.storage, Tables.intent, this.groupId);
    return found.map(({ key: { id }, value }) => ({ id, value: intentRecord.read(value) }));
  }

  outboxPut({ id, value }: Kept<OutboxRecord>): StorageRecord {
    return { key: key(Tables.outbox, this.groupId, id), value: outboxRecord.write(value) };
  }

  outboxKey(id: Uint8Array): StorageKey {
    return key(Tables.outbox, this.groupId, id);
  }

  intentPut({ id, value }: Kept<IntentRecord>): StorageRecord {
    return { key: key(Tables.intent, this.groupId, id), value: intentRecord.write(value) };
  }

  intentKey(id: Uint8Array): StorageKey {
    return key(Tables.intent, this.groupId, id);
  }

  counterPut(device: Uint8Array, stream: Uint8Array, counter: bigint): StorageRecord {
    const id = concatBytes(device, stream);
    return { key: key(Tables.sender, this.groupId, id), value: counterRecord.write({ counter }) };
  }
}
