/**
 * The name of one record. Compared and ordered by `table` (as a string), then `owner`, then `id` (as unsigned octets,
 * a prefix first).
 */
export interface StorageKey {
  /** What kind of record: ASCII letters, digits, `_` and `-`; 1 to 64 characters. */
  readonly table: string;
  /** Whose record, in most tables a group id; 0 to 65535 bytes. */
  readonly owner: Uint8Array;
  /** Which one; 0 to 1024 bytes. */
  readonly id: Uint8Array;
}

/** All records of one table and owner whose id starts with `id` (empty: all of them). */
export interface StoragePrefix {
  readonly table: string;
  readonly owner: Uint8Array;
  readonly id: Uint8Array;
}

/** A stored record. The bytes belong to the receiver. */
export interface StorageRecord {
  readonly key: StorageKey;
  readonly value: Uint8Array;
}

/** A condition on the state before a batch: the record has exactly this value, or does not exist (`undefined`). */
export interface StorageExpectation {
  readonly key: StorageKey;
  readonly value: Uint8Array | undefined;
}

/**
 * One atomic write. All expectations are judged on the state before it; then prefixes are deleted, then single
 * records, then records are put, so that a put always survives its own batch. Of two puts to one key the later wins.
 */
export interface StorageBatch {
  readonly expect?: readonly StorageExpectation[];
  readonly deletePrefixes?: readonly StoragePrefix[];
  readonly deletes?: readonly StorageKey[];
  readonly puts?: readonly StorageRecord[];
}

/**
 * A store of small records. Implementations copy what they are given and hand out copies. They do not interpret
 * values. What they hold is secret: encrypt it at rest where the platform allows, and erase what is deleted.
 */
export interface StorageProvider {
  /** For people, for example `sqlite`. */
  readonly name: string;
  /**
   * Reads one record.
   * @returns the value, or `undefined` only when the record certainly does not exist
   * @throws MlsError `ERR_MLS_STORAGE` when the store cannot tell
   */
  get(key: StorageKey): Promise<Uint8Array | undefined>;
  /** All records under a prefix in ascending order of their ids, as one consistent view. */
  list(prefix: StoragePrefix): Promise<readonly StorageRecord[]>;
  /** All owners that have a record in the table, ascending, each once. */
  listOwners(table: string): Promise<readonly Uint8Array[]>;
  /**
   * Applies the whole batch or nothing, and resolves once it is durable. Two concurrent writes never interleave.
   * @throws MlsError `ERR_MLS_STORAGE_CONFLICT` when an expectation does not hold (nothing changed),
   *   `ERR_MLS_STORAGE` for every other failure (nothing changed)
   */
  write(batch: StorageBatch): Promise<void>;
}
