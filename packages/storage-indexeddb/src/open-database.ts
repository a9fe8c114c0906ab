import { MlsError } from "@openmls-ts/traits";
import { deleteDB, type IDBPDatabase, openDB, type OpenDBCallbacks } from "idb";
import { failure, openingError, storageError } from "./errors.ts";
import { nameArgument } from "./options.ts";
import { checkStores, type UpgradeStep, type UpgradeTransaction } from "./schema.ts";

/** How a database is opened. */
export interface Opening {
  readonly name: string;
  readonly create: boolean;
  readonly blockedTimeout: number;
  /** What is told while the database is open. */
  readonly on: {
    /** Another tab deletes it (`undefined`) or brings it to a newer version, and waits until it is closed here. */
    versionChange(database: IDBPDatabase, version: number | undefined): void;
    /** The browser closed it. */
    terminated(database: IDBPDatabase): void;
  };
}

/** A database that is open. */
export interface Opened {
  readonly database: IDBPDatabase;
  /** Whether it was made now. */
  readonly created: boolean;
}

/**
 * Opens a database, makes it or brings it up to date.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`, `ERR_MLS_STORAGE_FORMAT`, `ERR_MLS_STORAGE`
 */
export async function openDatabase(opening: Opening, steps: readonly UpgradeStep[]): Promise<Opened> {
  checkRuntime();
  let refusal: unknown;
  let created = false;
  const { blocked, started, settled } = blockedTimer(opening.blockedTimeout);
  const callbacks: OpenDBCallbacks<unknown> = {
    upgrade: (database, from, _to, transaction) => {
      settled();
      created = from === 0;
      upgrade(database, transaction, { from, create: opening.create, steps }, (reason) => {
        refusal = reason;
      });
    },
    blocked: started,
    blocking: (_from, version) => {
      void request.then((database) => opening.on.versionChange(database, version ?? undefined));
    },
    terminated: () => {
      void request.then((database) => opening.on.terminated(database));
    },
  };
  // Also what it throws at once is a rejection.
  const request = (async () => openDB(opening.name, steps.length, callbacks))();
  // A request cannot be taken back: what opens too late is closed.
  const late = blocked.catch(async (error: unknown) => {
    void request.then((database) => database.close()).catch(() => undefined);
    throw error;
  });
  try {
    const database = await Promise.race([request, late]);
    closeUnless(database, () => checkStores(database));
    return { database, created };
  } catch (error) {
    throw openingError(refusal ?? error);
  } finally {
    settled();
  }
}

/** Runs the steps; what goes wrong, or is refused, aborts the transaction. */
function upgrade(
  database: IDBPDatabase,
  transaction: UpgradeTransaction,
  plan: { readonly from: number; readonly create: boolean; readonly steps: readonly UpgradeStep[] },
  refuse: (reason: unknown) => void,
): void {
  // The request says that it failed.
  transaction.done.catch(() => undefined);
  const run = async (): Promise<void> => {
    if (plan.from > 0) {
      checkStores(database);
    } else if (!plan.create) {
      throw failure("missing");
    }
    for (const step of plan.steps.slice(plan.from)) {
      await step(database, transaction);
    }
  };
  run().catch((error: unknown) => {
    refuse(error);
    abort(transaction);
  });
}

/** Aborts a transaction, unless it has ended by itself. */
export function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It was over already, which is what was wanted.
  }
}

/**
 * Deletes a database with everything in it. Stores that are open on it end with reason `deleted`.
 * @param blockedTimeout milliseconds to wait for what keeps it open
 * @throws MlsError `ERR_MLS_STORAGE`, reason `blocked` when something does for longer; it is deleted later then
 */
export async function deleteIndexedDbStorage(name: string, blockedTimeout = 5000): Promise<void> {
  nameArgument("name", name);
  checkRuntime();
  const { blocked, started, settled } = blockedTimer(blockedTimeout);
  try {
    await Promise.race([deleteDB(name, { blocked: started }), blocked]);
  } catch (error) {
    throw storageError(error);
  } finally {
    settled();
  }
}

/** A promise that rejects some time after other tabs were found to be in the way. */
function blockedTimer(milliseconds: number): {
  readonly blocked: Promise<never>;
  readonly started: () => void;
  readonly settled: () => void;
} {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let started = (): void => undefined;
  const blocked = new Promise<never>((_resolve, reject) => {
    started = () => {
      timer ??= setTimeout(() => reject(failure("blocked")), milliseconds);
    };
  });
  return { blocked, started, settled: () => clearTimeout(timer) };
}

function closeUnless(database: IDBPDatabase, check: () => void): void {
  try {
    check();
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` where there is no IndexedDB, `ERR_MLS_STORAGE` where it is denied */
function checkRuntime(): void {
  let factory: unknown;
  try {
    factory = globalThis.indexedDB;
  } catch (error) {
    // A frame with an origin of its own may not even look.
    throw failure("denied", error);
  }
  if (typeof factory !== "object" || factory === null) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "this runtime has no IndexedDB");
  }
}
