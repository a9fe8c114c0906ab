import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, isBytes, isMlsError, MlsError } from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import { innerError, isStoreFault, storeFault } from "./errors.ts";
import { newDataKey, sealHeader } from "./header.ts";
import { allPartitions, dataTable, headerKey, headKey } from "./layout.ts";
import { loadState } from "./load-state.ts";
import { type Plan, planHeader } from "./plan-write.ts";
import type { StoreState } from "./state.ts";
import type { StoreKey } from "./store-key.ts";

/** How often others may get in the way of one call; each time one of them got on. */
const MAX_ATTEMPTS = 1000;

/**
 * The inner store, what is known of it, and the two loops that keep these together: whoever reads believes a fault only
 * when nobody wrote meanwhile, and whoever writes expects the head that he has seen.
 */
export class Vault {
  readonly inner: StorageProvider;
  #key: StoreKey;
  #state: StoreState | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(inner: StorageProvider, key: StoreKey) {
    this.inner = inner;
    this.#key = key;
  }

  /** What was seen last. */
  get state(): StoreState | undefined {
    return this.#state;
  }

  get key(): StoreKey {
    return this.#key;
  }

  /** Loads the store, or makes a new one where there is nothing. @param atLeast the oldest version that is believed */
  async open(atLeast: bigint): Promise<void> {
    await this.#alone(async () => {
      for (let attempt = 0; ; attempt++) {
        const stored = await this.inner.get(headKey());
        if (stored !== undefined) {
          break;
        }
        if (attempt > 0 || (await this.#hasRecords())) {
          throw storeFault("missing", "there is no head");
        }
        if (atLeast > 0n) {
          throw storeFault("rolled-back", `an empty store, expected version ${atLeast} or later`);
        }
        await this.#create();
      }
      await this.#believe(async (state) => {
        if (state.version < atLeast) {
          throw storeFault("rolled-back", `version ${state.version}, expected ${atLeast} or later`);
        }
      });
    });
  }

  /** Reads while no other call of this handle runs. */
  async read<T>(work: (state: StoreState) => Promise<T>): Promise<T> {
    return this.#alone(async () => this.#believe(work));
  }

  /**
   * Writes what `plan` makes of the store as it is, and plans anew when somebody else wrote first.
   * @param plan gives `undefined` when there is nothing to write
   * @returns whether there was
   */
  async write(plan: (state: StoreState) => Promise<Plan | undefined>, key?: StoreKey): Promise<boolean> {
    return this.#alone(async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const planned = await this.#believe(plan);
        if (planned === undefined) {
          return false;
        }
        if (await this.#apply(planned)) {
          this.#key = key ?? this.#key;
          return true;
        }
      }
      throw new MlsError("ERR_MLS_STORAGE_CONFLICT", "others wrote all the time");
    });
  }

  /** Ends the use of this handle once all calls before are done, and wipes its keys. */
  close(): void {
    this.#closed = true;
    void this.#last.then(() => this.#state?.keys.forEach((key) => key.wipe()));
  }

  /** @returns false when somebody else wrote first */
  async #apply({ batch, commit }: Plan): Promise<boolean> {
    try {
      await this.inner.write(batch);
    } catch (error) {
      if (isMlsError(error, "ERR_MLS_STORAGE_CONFLICT")) {
        return false;
      }
      throw error;
    }
    this.#adopt(commit());
    return true;
  }

  async #believe<T>(work: (state: StoreState) => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const stored = await this.#head();
      try {
        return await work(await this.#stateOf(stored));
      } catch (error) {
        if (!isStoreFault(error) || equalBytes(stored, await this.#head())) {
          throw error;
        }
      }
    }
    throw new MlsError("ERR_MLS_STORAGE", "others wrote all the time");
  }

  async #stateOf(stored: Uint8Array): Promise<StoreState> {
    if (this.#state === undefined || !equalBytes(stored, this.#state.stored)) {
      this.#adopt(await loadState(this.inner, this.#key, stored, this.#state));
    }
    return this.#state!;
  }

  #adopt(state: StoreState): void {
    const before = this.#state;
    this.#state = state;
    for (const [id, key] of before?.keys ?? []) {
      if (state.keys.get(id) !== key) {
        key.wipe();
      }
    }
  }

  async #head(): Promise<Uint8Array> {
    const stored = await this.inner.get(headKey());
    if (!isBytes(stored)) {
      throw storeFault("missing", "there is no head");
    }
    return stored;
  }

  async #hasRecords(): Promise<boolean> {
    return (
      (await this.inner.get(headerKey())) !== undefined ||
      (await this.inner.list(allPartitions())).length > 0 ||
      (await this.inner.listOwners(dataTable)).length > 0
    );
  }

  async #create(): Promise<void> {
    const key = newDataKey(1);
    const header = await sealHeader(this.#key, [key]);
    const state = { version: 0n, keyId: 1, keys: new Map([[1, key]]), partitions: new Map() };
    const plan = planHeader({ ...state, stored: undefined }, header, sha256(header));
    const { expect = [], ...rest } = plan.batch;
    // Of two handles that find nothing one makes the store, and the other one opens it.
    await this.#apply({
      ...plan,
      batch: { ...rest, expect: [...expect, { key: headerKey(), value: undefined }] },
    });
  }

  /** One call after another: between reading and writing nothing else of this handle may happen. */
  async #alone<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new MlsError("ERR_MLS_STORAGE", "the store is closed");
    }
    const result = this.#last.then(action).catch((error: unknown) => {
      throw innerError(error);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
