import {
  isMlsError,
  MlsError,
  type StorageBatch,
  type StorageKey,
  type StoragePrefix,
  type StorageProvider,
  type StorageRecord,
} from "@openmls-ts/traits";

/** Whatever a storage provider throws becomes a typed error, also where it has its own copy of the error class. */
export function asStorageError(cause: unknown): MlsError {
  return isMlsError(cause)
    ? cause
    : new MlsError("ERR_MLS_STORAGE", "the storage provider failed", { cause });
}

/** The store of a provider: each failure is an MlsError, `ERR_MLS_STORAGE` unless the provider says more. */
export function storageOf({ storage }: { readonly storage: StorageProvider }): StorageProvider {
  return new TypedStorage(storage);
}

class TypedStorage implements StorageProvider {
  readonly #storage: StorageProvider;

  constructor(storage: StorageProvider) {
    this.#storage = storage;
  }

  get name(): string {
    return this.#storage.name;
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    return typed(async () => this.#storage.get(key));
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    return typed(async () => this.#storage.list(prefix));
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    return typed(async () => this.#storage.listOwners(table));
  }

  async write(batch: StorageBatch): Promise<void> {
    return typed(async () => this.#storage.write(batch));
  }
}

async function typed<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw asStorageError(cause);
  }
}
