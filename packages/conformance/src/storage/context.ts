import type { StorageProvider } from "@openmls-ts/traits";
import type { ConformanceCase } from "../case.ts";

/** How the cases get at the implementation under test. The runner closes and removes what was opened. */
export interface StorageConformanceContext {
  /** A fresh, empty store that shares nothing with any other. */
  open(): Promise<StorageProvider>;
  /**
   * For stores that outlive the process: gives up `store` as at the end of a process, and opens the same data again.
   */
  reopen?(store: StorageProvider): Promise<StorageProvider>;
  /** For stores that several processes or tabs may use: another handle on the same data, `store` staying in use. */
  openSecond?(store: StorageProvider): Promise<StorageProvider>;
}

/** One requirement on a `StorageProvider`. */
export interface StorageConformanceCase extends ConformanceCase<StorageConformanceContext> {
  /** The optional parts of the context that this case calls. */
  readonly needs: readonly ("reopen" | "openSecond")[];
}

/** A case that needs one fresh store. */
export function storageCase(
  name: string,
  body: (store: StorageProvider) => Promise<void>,
): StorageConformanceCase {
  return {
    name,
    needs: [],
    run: async (context) => body(await context.open()),
  };
}
