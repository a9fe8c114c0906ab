import {
  badArgument,
  booleanArgument,
  choiceArgument,
  functionArgument,
  type MlsError,
  numberArgument,
  optionsArgument,
} from "@openmls-ts/traits";

/**
 * What has happened once `write` resolves.
 *
 * - `strict`: the browser was told to have the batch on the disk. A crash of the tab, of the browser or of the system, or
 *   a loss of power, takes back nothing that was written. The default, and what message keys need.
 * - `relaxed`: the batch is with the operating system. A crash of the tab or of the browser takes back nothing. A crash of
 *   the system or a loss of power may take back the last batches, whole, and with them the record that a key was used: it
 *   would be used again. Faster; for state that can be thrown away, such as tests and demonstrations.
 *
 * Both are atomic: a batch is there as a whole or not at all. What a drive does with its own cache is out of reach.
 */
export type IndexedDbDurability = "strict" | "relaxed";

/** How `indexedDbStorage` opens its database. */
export interface IndexedDbStorageOptions {
  /** The database's name, one for each user of the origin; 1 to 256 characters. */
  readonly name: string;
  /** Default `strict`. */
  readonly durability?: IndexedDbDurability | undefined;
  /**
   * False: a database that is not there is not made; opening rejects with reason `missing`. For a client that has state,
   * so that an eviction is an error and not an empty store. Default true.
   */
  readonly create?: boolean | undefined;
  /**
   * Milliseconds to wait for tabs with an older release that keep the database open; then opening rejects with reason
   * `blocked`. Default 5000.
   */
  readonly blockedTimeout?: number | undefined;
  /**
   * Called once when the store ends without `close()`: another tab deleted the database (`deleted`) or has a newer release
   * (`upgraded`: reload the page), or its data is gone (`lost`). Every call rejects with that error from then on.
   */
  readonly onEnd?: ((error: MlsError) => void) | undefined;
}

/** Options with defaults. */
export interface CheckedOptions {
  readonly name: string;
  readonly durability: IndexedDbDurability;
  readonly create: boolean;
  readonly blockedTimeout: number;
  readonly onEnd: ((error: MlsError) => void) | undefined;
}

const NAMES = ["name", "durability", "create", "blockedTimeout", "onEnd"] as const;

/** @throws MlsError `ERR_MLS_USAGE` that names the option */
export function checkOptions(options: IndexedDbStorageOptions): CheckedOptions {
  const { name, durability, create, blockedTimeout, onEnd } = optionsArgument("options", options, NAMES);
  return {
    name: nameArgument("options.name", name),
    durability: choiceArgument("options.durability", durability ?? "strict", ["strict", "relaxed"]),
    create: booleanArgument("options.create", create ?? true),
    // Timers count in 31 bits.
    blockedTimeout: numberArgument("options.blockedTimeout", blockedTimeout ?? 5000, 0, 2 ** 31 - 1),
    onEnd: onEnd === undefined ? undefined : functionArgument("options.onEnd", onEnd),
  };
}

/** The name of a database. @throws MlsError `ERR_MLS_USAGE` */
export function nameArgument(argument: string, name: unknown): string {
  if (typeof name !== "string" || name === "" || name.length > 256) {
    throw badArgument(argument, name, "text of 1 to 256 characters");
  }
  return name;
}
