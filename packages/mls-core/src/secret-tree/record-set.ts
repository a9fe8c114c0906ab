import { bytesToKey, wipe } from "@openmls-ts/traits";

/** A record of the secret tree. */
export interface TreeRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** Records to write and to delete. */
export interface RecordChanges {
  readonly puts: readonly TreeRecord[];
  readonly deletes: readonly Uint8Array[];
}

/** Secret records in memory. Owns copies of its values and wipes what it replaces. */
export class RecordSet {
  readonly #entries = new Map<string, TreeRecord>();
  #surplus: Uint8Array[] = [];
  #revision = 0;

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** Ids that were forgotten here and are still in the store. */
  get surplus(): readonly Uint8Array[] {
    return this.#surplus;
  }

  /** The live value: not to be kept or changed. */
  get(id: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(bytesToKey(id))?.value;
  }

  has(id: Uint8Array): boolean {
    return this.#entries.has(bytesToKey(id));
  }

  ids(): readonly Uint8Array[] {
    return [...this.#entries.values()].map(({ id }) => id);
  }

  /** Adds a copy of a record. @returns false if the id is there already */
  load(record: TreeRecord): boolean {
    const isNew = !this.has(record.id);
    if (isNew) {
      this.#put(record);
    }
    return isNew;
  }

  /** Wipes a record that the store keeps until the next change is written. */
  forget(id: Uint8Array): void {
    this.#delete(id);
    this.#surplus.push(id.slice());
  }

  /** Changes records; what they replace is wiped. Values are copied. */
  apply({ puts, deletes }: RecordChanges): void {
    for (const id of deletes) {
      this.#delete(id);
    }
    for (const record of puts) {
      this.#put(record);
    }
    this.#surplus = [];
    this.#revision++;
  }

  /** Every record, values copied. */
  all(): readonly TreeRecord[] {
    return [...this.#entries.values()].map(({ id, value }) => ({ id, value: value.slice() }));
  }

  /** Erases everything. */
  wipe(): void {
    this.apply({ puts: [], deletes: this.ids() });
  }

  #put({ id, value }: TreeRecord): void {
    this.#delete(id);
    this.#entries.set(bytesToKey(id), { id: id.slice(), value: value.slice() });
  }

  #delete(id: Uint8Array): void {
    const key = bytesToKey(id);
    wipe(this.#entries.get(key)?.value);
    this.#entries.delete(key);
  }
}
