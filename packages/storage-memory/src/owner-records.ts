import { bytesToKey, wipe } from "@openmls-ts/traits";
import { SortedKeys } from "./sorted-keys.ts";

/** One record inside the store; nobody else holds these arrays. */
export interface StoredRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** All records of one table and owner: a map for exact reads beside the order of the ids. */
export class OwnerRecords {
  readonly owner: Uint8Array;
  readonly #records = new Map<string, StoredRecord>();
  readonly #order = new SortedKeys();

  /** @param owner is kept */
  constructor(owner: Uint8Array) {
    this.owner = owner;
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: Uint8Array): Uint8Array | undefined {
    return this.#records.get(bytesToKey(id))?.value;
  }

  list(prefix: Uint8Array): StoredRecord[] {
    return this.#order.withPrefix(bytesToKey(prefix)).map((key) => this.#records.get(key)!);
  }

  /** Keeps the record and its arrays. */
  put(record: StoredRecord): void {
    const key = bytesToKey(record.id);
    const previous = this.#records.get(key);
    this.#records.set(key, record);
    if (previous === undefined) {
      this.#order.add(key);
    } else {
      wipe(previous.value);
    }
  }

  delete(id: Uint8Array): void {
    this.#remove(bytesToKey(id));
  }

  deletePrefix(prefix: Uint8Array): void {
    this.#order.withPrefix(bytesToKey(prefix)).forEach((key) => this.#remove(key));
  }

  /** What is deleted is secret as often as not, so its bytes go with it. */
  #remove(key: string): void {
    const record = this.#records.get(key);
    if (record !== undefined) {
      wipe(record.value);
      this.#records.delete(key);
      this.#order.delete(key);
    }
  }
}
