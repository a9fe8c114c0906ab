import { MlsError } from "@openmls-ts/traits";
import { storageError } from "./errors.ts";

/** What the browser says of this origin's storage. */
export interface StoragePersistence {
  /** Whether it is kept until the user clears it. If false, the browser may delete it when the disk is full or after a while. */
  readonly persisted: boolean;
  /** Bytes in use and bytes allowed, by the browser's estimate. */
  readonly usage: number | undefined;
  readonly quota: number | undefined;
}

/**
 * Asks the browser to keep this origin's storage. Some browsers ask the user, others decide by how the site is used. In
 * workers, where nothing can be asked, tells what is.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` without a storage manager, as on pages without https; `ERR_MLS_STORAGE`
 */
export async function requestPersistence(): Promise<StoragePersistence> {
  // Not there on insecure pages, whatever the types say.
  const manager = (globalThis.navigator as Navigator | undefined)?.storage;
  if (typeof manager?.persisted !== "function") {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      "this runtime has no storage manager: is the page on https?",
    );
  }
  try {
    const mayAsk = typeof (manager.persist as unknown) === "function";
    const persisted = (await manager.persisted()) || (mayAsk && (await manager.persist()));
    const { usage, quota } = await manager.estimate();
    return { persisted, usage, quota };
  } catch (error) {
    throw storageError(error);
  }
}
