import type { MemoryStorage } from "@openmls-ts/storage-memory";
import {
  MlsError,
  type StorageBatch,
  type StorageKey,
  type StoragePrefix,
  type StorageProvider,
  type StorageRecord,
} from "@openmls-ts/traits";

/**
 * What goes wrong: nothing is written and something untyped is thrown; somebody else seems to have written first; or
 * the batch is written and the answer is lost.
 */
export type Fault = "refuse" | "conflict" | "lose";

/** A store that fails when it is told to, and counts what is written. */
export class FaultyStorage implements StorageProvider {
  readonly name = "faulty";
  readonly inner: MemoryStorage;
  /** Writes asked for so far. */
  writes = 0;
  /** Records put or deleted, and their bytes with those of the keys. */
  records = 0;
  bytes = 0;
  failReads = false;
  #fault: { readonly at: number; readonly fault: Fault } | undefined;

  constructor(inner: MemoryStorage) {
    this.inner = inner;
  }

  /** The n-th write from now on fails, once. */
  failWrite(fault: Fault, n = 1): void {
    this.#fault = { at: this.writes + n, fault };
  }

  resetCounts(): void {
    this.writes = 0;
    this.records = 0;
    this.bytes = 0;
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    this.#read();
    return this.inner.get(key);
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    this.#read();
    return this.inner.list(prefix);
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    this.#read();
    return this.inner.listOwners(table);
  }

  async write(batch: StorageBatch): Promise<void> {
    this.writes++;
    const fault = this.#fault?.at === this.writes ? this.#fault.fault : undefined;
    if (fault === "refuse") {
      throw new TypeError("the disk is full");
    }
    if (fault === "conflict") {
      throw new MlsError("ERR_MLS_STORAGE_CONFLICT", "somebody else was faster");
    }
    await this.inner.write(batch);
    if (fault === "lose") {
      throw new TypeError("the answer is lost");
    }
    this.#count(batch);
  }

  #read(): void {
    if (this.failReads) {
      throw new TypeError("the disk cannot be read");
    }
  }

  #count({ puts = [], deletes = [], deletePrefixes = [] }: StorageBatch): void {
    this.records += puts.length + deletes.length + deletePrefixes.length;
    for (const { key, value } of puts) {
      this.bytes += key.id.length + value.length;
    }
  }
}
