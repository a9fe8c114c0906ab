import { isBytes, MlsError } from "@openmls-ts/traits";
import type { IDBPDatabase, IDBPTransaction } from "idb";
import { failure } from "./errors.ts";

/** Records: keys as in `ranges.ts`, values `Uint8Array`. */
export const RECORDS = "openmls_records";
/** What the database says of itself. */
export const META = "openmls_meta";
const ID = "id";

/** The transaction in which a database gets from one version to another. */
export type UpgradeTransaction = IDBPTransaction<unknown, string[], "versionchange">;

/**
 * Brings a database from one version to the next. It may await requests of the transaction, and nothing else.
 */
export type UpgradeStep = (database: IDBPDatabase, transaction: UpgradeTransaction) => void | Promise<void>;

/**
 * Step i makes version i + 1 out of version i, in the version number that IndexedDB keeps for each database. Steps that
 * were released stay as they are; a new one is added at the end.
 */
export const STEPS: readonly UpgradeStep[] = [createStores];

async function createStores(database: IDBPDatabase, transaction: UpgradeTransaction): Promise<void> {
  database.createObjectStore(RECORDS);
  database.createObjectStore(META);
  // Tells this database from one of the same name that was made after it was lost.
  await transaction.objectStore(META).put(globalThis.crypto.getRandomValues(new Uint8Array(16)), ID);
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a database that somebody else made */
export function checkStores(database: Pick<IDBPDatabase, "objectStoreNames">): void {
  if (![RECORDS, META].every((name) => database.objectStoreNames.contains(name))) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", "a database of that name was made by something else");
  }
}

/** The random id of a database, and the durability that the browser gives when this one is asked for. */
export async function readMeta(
  database: IDBPDatabase,
  wanted: IDBTransactionDurability,
): Promise<{ readonly id: Uint8Array; readonly given: string }> {
  const transaction = database.transaction(META, "readonly", { durability: wanted });
  const id: unknown = await transaction.store.get(ID);
  if (!isBytes(id)) {
    throw failure("damaged");
  }
  return { id, given: transaction.durability };
}
