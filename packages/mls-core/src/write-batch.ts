import {
  type StorageBatch,
  type StorageExpectation,
  type StorageKey,
  type StoragePrefix,
  type StorageRecord,
  wipe,
} from "@openmls-ts/traits";

/** Collects the changes of one operation for one atomic write. */
export class Batch {
  readonly #puts: StorageRecord[] = [];
  readonly #deletes: StorageKey[] = [];
  readonly #deletePrefixes: StoragePrefix[] = [];
  readonly #expect: StorageExpectation[] = [];

  put(record: StorageRecord): void {
    this.#puts.push(record);
  }

  delete(key: StorageKey): void {
    this.#deletes.push(key);
  }

  deletePrefix(prefix: StoragePrefix): void {
    this.#deletePrefixes.push(prefix);
  }

  /** The write fails with a conflict unless the record has this value now, or does not exist. */
  expect(key: StorageKey, value: Uint8Array | undefined): void {
    this.#expect.push({ key, value });
  }

  /** Whether nothing is to be written. */
  get empty(): boolean {
    return [this.#puts, this.#deletes, this.#deletePrefixes, this.#expect].every(
      ({ length }) => length === 0,
    );
  }

  get puts(): readonly StorageRecord[] {
    return this.#puts;
  }

  /** Erases the values once they are written or given up; a store keeps copies of its own. */
  wipe(): void {
    for (const { value } of this.#puts) {
      wipe(value);
    }
  }

  toStorageBatch(): StorageBatch {
    return {
      puts: this.#puts,
      deletes: this.#deletes,
      deletePrefixes: this.#deletePrefixes,
      expect: this.#expect,
    };
  }
}
