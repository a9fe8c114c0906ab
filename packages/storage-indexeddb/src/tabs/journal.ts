import { concatBytes, MlsError } from "@openmls-ts/traits";
import type { StorageBatch, StorageKey, StorageProvider, StorageRecord } from "@openmls-ts/traits";

/** What was published, by position. */
const EVENTS = "tab_event";
/** The position of the last one. */
const HEAD = "tab_event_head";

const FORMAT = 1;
const NO_ID = new Uint8Array(0);

/** What the tabs told one another about one group, in order; positions count from 1. The newest are kept. */
export class Journal {
  readonly #storage: StorageProvider;
  readonly #groupId: Uint8Array;
  readonly #keep: number;

  constructor(storage: StorageProvider, groupId: Uint8Array, keep: number) {
    this.#storage = storage;
    this.#groupId = groupId;
    this.#keep = keep;
  }

  /** The last position; 0 before the first. */
  async head(): Promise<number> {
    const value = await this.#storage.get(this.#key(HEAD, NO_ID));
    return value === undefined ? 0 : Number(view(opened(HEAD, value)).getBigUint64(0));
  }

  /** The first position that is kept when `head` is the last. */
  firstKept(head: number): number {
    return Math.max(1, head - this.#keep + 1);
  }

  /** What was published at a position; `undefined` where it was never written or is not kept any more. */
  async read(position: number): Promise<Uint8Array | undefined> {
    const value = await this.#storage.get(this.#key(EVENTS, uint64(position)));
    return value === undefined ? undefined : opened(EVENTS, value);
  }

  /** What adds events behind `head`, and drops as many old ones. */
  additions(head: number, events: readonly Uint8Array[]): Required<Pick<StorageBatch, "puts" | "deletes">> {
    const puts: StorageRecord[] = events.map((event, i) => ({
      key: this.#key(EVENTS, uint64(head + 1 + i)),
      value: concatBytes(Uint8Array.of(FORMAT), event),
    }));
    const next = head + events.length;
    puts.push({ key: this.#key(HEAD, NO_ID), value: concatBytes(Uint8Array.of(FORMAT), uint64(next)) });
    const deletes: StorageKey[] = [];
    for (let position = this.firstKept(head); position < this.firstKept(next); position++) {
      deletes.push(this.#key(EVENTS, uint64(position)));
    }
    return { puts, deletes };
  }

  async append(head: number, events: readonly Uint8Array[]): Promise<void> {
    await this.#storage.write(this.additions(head, events));
  }

  async erase(): Promise<void> {
    const deletePrefixes = [EVENTS, HEAD].map((table) => this.#key(table, NO_ID));
    await this.#storage.write({ deletePrefixes });
  }

  #key(table: string, id: Uint8Array): StorageKey {
    return { table, owner: this.#groupId, id };
  }
}

function opened(table: string, value: Uint8Array): Uint8Array {
  if (value[0] !== FORMAT) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `a record of table ${table} has a format of a newer release`,
      {
        details: { table },
      },
    );
  }
  return value.subarray(1);
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, BigInt(value));
  return bytes;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
