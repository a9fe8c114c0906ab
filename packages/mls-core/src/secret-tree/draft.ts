import { bytesToKey, wipe } from "@openmls-ts/traits";
import type { RecordChanges, RecordSet, TreeRecord } from "./record-set.ts";

/** Records as they will be: changes over a set that stays as it is. */
export class Draft {
  readonly #base: RecordSet;
  readonly #puts = new Map<string, TreeRecord>();
  readonly #deletes = new Map<string, Uint8Array>();

  constructor(base: RecordSet) {
    this.#base = base;
    for (const id of base.surplus) {
      this.#deletes.set(bytesToKey(id), id);
    }
  }

  /** The live value: not to be kept or changed. */
  get(id: Uint8Array): Uint8Array | undefined {
    const key = bytesToKey(id);
    return this.#puts.get(key)?.value ?? (this.#deletes.has(key) ? undefined : this.#base.get(id));
  }

  has(id: Uint8Array): boolean {
    return this.get(id) !== undefined;
  }

  /** Takes the value over. */
  put(id: Uint8Array, value: Uint8Array): void {
    const key = bytesToKey(id);
    wipe(this.#puts.get(key)?.value);
    this.#deletes.delete(key);
    this.#puts.set(key, { id, value });
  }

  delete(id: Uint8Array): void {
    const key = bytesToKey(id);
    wipe(this.#puts.get(key)?.value);
    this.#puts.delete(key);
    if (this.#base.has(id)) {
      this.#deletes.set(key, id);
    }
  }

  get changes(): RecordChanges {
    return { puts: [...this.#puts.values()], deletes: [...this.#deletes.values()] };
  }

  /** Erases what it would have put. */
  wipe(): void {
    for (const { value } of this.#puts.values()) {
      wipe(value);
    }
  }
}
