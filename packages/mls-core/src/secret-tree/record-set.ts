import { bytesToKey, wipe } from "@openmls-ts/traits";

/** A record of the secret tree. */
export interface TreeRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** What one step changes. */
export interface RecordChanges {
  readonly puts: readonly TreeRecord[];
  readonly deletes: readonly Uint8Array[];
}

interface Entry extends TreeRecord {
  stored: boolean;
}

interface Change {
  readonly id: Uint8Array;
  /** Whether storage holds an older value of it. */
  readonly stored: boolean;
  readonly revision: number;
}

interface Retired {
  readonly value: Uint8Array;
  readonly revision: number;
}

interface Touched {
  readonly id: Uint8Array;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
  readonly pending: Change | undefined;
}

/** Secret records in memory, with a memory of what storage does not know yet. Wipes what it replaces. */
export class RecordSet {
  readonly #entries = new Map<string, Entry>();
  readonly #changes = new Map<string, Change>();
  readonly #retired: Retired[] = [];
  #revision = 0;
  #snapshot = 0;
  #saved = 0;

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** The live value: not to be kept or changed. */
  get(id: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(bytesToKey(id))?.value;
  }

  has(id: Uint8Array): boolean {
    return this.#entries.has(bytesToKey(id));
  }

  /** Adds a record that storage holds. The value is copied. @returns false if the id is there already */
  load({ id, value }: TreeRecord): boolean {
    const key = bytesToKey(id);
    if (this.#entries.has(key)) {
      return false;
    }
    this.#entries.set(key, { id: id.slice(), value: value.slice(), stored: true });
    return true;
  }

  /** Changes records for good: what they replace is wiped at once. Takes the values over. */
  apply(changes: RecordChanges): void {
    for (const [, { before }] of this.#change(changes)) {
      wipe(before?.value);
    }
  }

  /**
   * Changes records for now: what they replace is wiped when the change has been saved. Takes the values over.
   * @returns puts back what was there, if the change is not saved and nothing it touched has changed since
   */
  applyRevocably(changes: RecordChanges): () => void {
    const touched = this.#change(changes);
    const revision = this.#revision;
    for (const [, { before }] of touched) {
      if (before !== undefined) {
        this.#retired.push({ value: before.value, revision });
      }
    }
    let undone = false;
    return () => {
      const untouched = [...touched].every(([key, { after }]) => this.#entries.get(key) === after);
      if (!undone && this.#saved < revision && untouched) {
        undone = true;
        this.#restore(touched, revision);
      }
    };
  }

  #change({ puts, deletes }: RecordChanges): Map<string, Touched> {
    const revision = ++this.#revision;
    const touched = new Map<string, Touched>();
    const touch = (id: Uint8Array, value: Uint8Array | undefined): void => {
      const key = bytesToKey(id);
      const before = this.#entries.get(key);
      const pending = this.#changes.get(key);
      const stored = before?.stored ?? pending?.stored ?? false;
      const after = value === undefined ? undefined : { id, value, stored };
      if (after === undefined) {
        this.#entries.delete(key);
      } else {
        this.#entries.set(key, after);
      }
      this.#changes.set(key, { id, stored, revision });
      touched.set(key, { id, before, after, pending });
    };
    for (const id of deletes) {
      touch(id, undefined);
    }
    for (const { id, value } of puts) {
      touch(id, value);
    }
    return touched;
  }

  #restore(touched: ReadonlyMap<string, Touched>, revision: number): void {
    const now = ++this.#revision;
    // Handed out already: the write may have happened although it was reported as failed, so write again.
    const handedOut = this.#snapshot >= revision;
    for (const [key, { id, before, after, pending }] of touched) {
      wipe(after?.value);
      const unsaved = pending !== undefined && pending.revision > this.#saved;
      if (before === undefined) {
        this.#entries.delete(key);
      } else {
        before.stored ||= handedOut || (pending !== undefined && !unsaved);
        this.#entries.set(key, before);
      }
      if (handedOut) {
        this.#changes.set(key, { id, stored: true, revision: now });
      } else if (unsaved) {
        this.#changes.set(key, pending);
      } else {
        this.#changes.delete(key);
      }
    }
    this.#release((entry) => entry.revision === revision);
  }

  #release(done: (entry: Retired) => boolean): void {
    const kept = this.#retired.filter((entry) => !done(entry));
    this.#retired.splice(0, this.#retired.length, ...kept);
  }

  /** What storage lacks, values copied. */
  unsaved(): RecordChanges {
    this.#snapshot = this.#revision;
    const puts: TreeRecord[] = [];
    const deletes: Uint8Array[] = [];
    for (const [key, { id, stored }] of this.#changes) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) {
        puts.push({ id, value: entry.value.slice() });
      } else if (stored) {
        deletes.push(id);
      }
    }
    return { puts, deletes };
  }

  /** Every record, values copied. */
  all(): readonly TreeRecord[] {
    this.#snapshot = this.#revision;
    return [...this.#entries.values()].map(({ id, value }) => ({ id, value: value.slice() }));
  }

  /** Storage holds what the last {@link unsaved} or {@link all} returned. Changes made since then stay unsaved. */
  markSaved(): void {
    this.#saved = this.#snapshot;
    for (const [key, { revision, id }] of this.#changes) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) {
        entry.stored = true;
      }
      if (revision <= this.#saved) {
        this.#changes.delete(key);
      } else if (entry === undefined) {
        this.#changes.set(key, { id, stored: true, revision }); // may have been put in between
      }
    }
    this.#release(({ value, revision }) => {
      const done = revision <= this.#saved;
      if (done) {
        wipe(value);
      }
      return done;
    });
  }

  /** Erases everything in memory. */
  wipe(): void {
    this.#revision++;
    for (const { value } of [...this.#entries.values(), ...this.#retired]) {
      wipe(value);
    }
    this.#entries.clear();
    this.#changes.clear();
    this.#retired.length = 0;
  }
}
