import { isMlsError, MlsError, type StorageProvider } from "@openmls-ts/traits";

/** Whatever a storage provider throws becomes a typed error, also where it has its own copy of the error class. */
export function asStorageError(cause: unknown): MlsError {
  return isMlsError(cause)
    ? cause
    : new MlsError("ERR_MLS_STORAGE", "the storage provider failed", { cause });
}

/** The store of a provider: each failure is an MlsError, `ERR_MLS_STORAGE` unless the provider says more. */
export function storageOf({ storage }: { readonly storage: StorageProvider }): StorageProvider {
  return {
    name: storage.name,
    get: async (key) => typed(async () => storage.get(key)),
    list: async (prefix) => typed(async () => storage.list(prefix)),
    listOwners: async (table) => typed(async () => storage.listOwners(table)),
    write: async (batch) => typed(async () => storage.write(batch)),
  };
}

async function typed<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw asStorageError(cause);
  }
}
