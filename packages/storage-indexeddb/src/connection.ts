import { equalBytes, MlsError } from "@openmls-ts/traits";
import type { IDBPDatabase } from "idb";
import { failure, type IndexedDbFailure, storageError } from "./errors.ts";
import { type Opened, openDatabase } from "./open-database.ts";
import type { CheckedOptions } from "./options.ts";
import { readMeta, type UpgradeStep } from "./schema.ts";

/**
 * A database that is open, until one of many things happens to it. What other tabs do ends it for good; where the browser
 * closed it, the next use opens it again, if it is still the same one.
 */
export class Connection {
  readonly created: boolean;
  readonly #options: CheckedOptions;
  readonly #steps: readonly UpgradeStep[];
  readonly #id: Uint8Array;
  #database: IDBPDatabase | undefined;
  #reopening: Promise<IDBPDatabase> | undefined;
  #end: MlsError | undefined;

  private constructor(
    options: CheckedOptions,
    steps: readonly UpgradeStep[],
    id: Uint8Array,
    created: boolean,
  ) {
    this.#options = options;
    this.#steps = steps;
    this.#id = id;
    this.created = created;
  }

  /** @throws MlsError as `indexedDbStorage` */
  static async open(options: CheckedOptions, steps: readonly UpgradeStep[]): Promise<Connection> {
    // What happens to the database before there is a connection is told to it afterwards.
    let connection: Connection | undefined;
    const early: ((connection: Connection) => void)[] = [];
    const tell = (what: (connection: Connection) => void): void => {
      if (connection === undefined) early.push(what);
      else what(connection);
    };
    const { database, created } = await openDatabase(
      {
        ...options,
        on: {
          versionChange: (closing, version) => {
            closing.close();
            tell((open) => open.#finish(version === undefined ? "deleted" : "upgraded"));
          },
          terminated: (closed) => tell((open) => open.#terminated(closed)),
        },
      },
      steps,
    );
    try {
      const { id, given } = await readMeta(database, options.durability);
      checkDurability(options, given);
      connection = new Connection(options, steps, id, created);
      connection.#database = database;
    } catch (error) {
      database.close();
      throw storageError(error);
    }
    for (const what of early) what(connection);
    return connection;
  }

  /** Runs work on the open database; it begins before this call returns, unless the database must be opened again. */
  async use<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T> {
    try {
      this.#check();
      return await work(this.#database ?? (await this.#reopen()));
    } catch (error) {
      // A transaction that was cut off says little; why it was cut off says more.
      throw this.#end ?? storageError(error);
    }
  }

  /** Transactions that have begun end first. Harmless when repeated. */
  close(): void {
    this.#end ??= failure("closed");
    this.#database?.close();
    this.#database = undefined;
  }

  #check(): void {
    if (this.#end !== undefined) {
      throw this.#end;
    }
  }

  #finish(reason: IndexedDbFailure): void {
    if (this.#end === undefined) {
      this.#end = failure(reason);
      this.#database = undefined;
      this.#options.onEnd?.(this.#end);
    }
  }

  #terminated(database: IDBPDatabase): void {
    if (this.#database === database) {
      this.#database = undefined;
    }
  }

  async #reopen(): Promise<IDBPDatabase> {
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #openAgain(): Promise<IDBPDatabase> {
    const { database } = await this.#openExisting();
    try {
      const { id } = await readMeta(database, this.#options.durability);
      if (!equalBytes(id, this.#id)) {
        this.#finish("lost");
      }
      this.#check();
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }

  async #openExisting(): Promise<Opened> {
    try {
      return await openDatabase(
        {
          ...this.#options,
          create: false,
          on: {
            versionChange: (closing, version) => {
              closing.close();
              this.#finish(version === undefined ? "deleted" : "upgraded");
            },
            terminated: (closed) => this.#terminated(closed),
          },
        },
        this.#steps,
      );
    } catch (error) {
      if ((error as MlsError).details?.reason === "missing") {
        this.#finish("lost");
      }
      throw error;
    }
  }
}

function checkDurability({ durability }: CheckedOptions, given: string): void {
  if (durability === "strict" && given !== "strict") {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "this browser does not promise strict durability");
  }
}
