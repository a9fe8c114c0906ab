import {
  badArgument,
  bigintArgument,
  checkStorageBatch,
  checkStorageKey,
  checkStorageTable,
  compareBytes,
  deepCopy,
  equalBytes,
  optionsArgument,
} from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { draftBatch, sortedIdsUnder } from "./draft.ts";
import { headKey } from "./layout.ts";
import { planChanges } from "./plan-write.ts";
import { learnIds, type OpenedRecord, readPartition, readRecord, wipeValues } from "./read-records.ts";
import { changeKey, rotate } from "./rotation.ts";
import { partitionId } from "./state.ts";
import type { Partition, StoreState } from "./state.ts";
import { type StoreKey, storeKeyArgument } from "./store-key.ts";
import { Vault } from "./vault.ts";

/** How an encrypted store is opened. */
export interface EncryptedStorageOptions {
  /**
   * The oldest version that is believed: a {@link EncryptedStorage.version} that the application has kept where the store's
   * owner cannot change it. Whatever is older, an empty store included, is refused. Default 0: anything.
   */
  readonly atLeast?: bigint | undefined;
}

/** A {@link StorageProvider} whose records are sealed in another one. */
export interface EncryptedStorage extends StorageProvider {
  /** Raised by every write of anybody; as this handle has seen it last. */
  readonly version: bigint;
  /** Whether a replacement of the data key has been begun and not finished: call {@link rotate}. */
  readonly rotating: boolean;
  /**
   * Replaces the data key and all hidden names, or finishes what was begun. Other calls go on meanwhile; the largest step
   * is one table of one group. A process that dies is no harm: what was begun is finished by the next call.
   * @throws MlsError `ERR_MLS_STORAGE`; what is done by then stays done
   */
  rotate(): Promise<void>;
  /**
   * From now on another key opens the store, and the one before no longer does, though it opens older copies of it: to
   * shut out whoever has both call {@link rotate} as well.
   */
  changeKey(key: StoreKey): Promise<void>;
  /** Reads all records. @throws MlsError `ERR_MLS_STORAGE` when one is damaged, missing or of another time */
  verify(): Promise<void>;
  /** Ends the use of this handle and wipes its keys; the inner store stays open. Harmless when repeated. */
  close(): void;
}

/**
 * Opens the encrypted store in another one, or makes it where there is none. Nobody else may use the inner store's tables
 * `encrypted`, `encrypted_part` and `encrypted_data`.
 *
 * @throws MlsError `ERR_MLS_DECRYPTION` for a wrong key or a damaged header, `ERR_MLS_STORAGE` with `details.reason` (see
 *   {@link StoreFault}) for a store that is not as it was left, `ERR_MLS_STORAGE_FORMAT` for one of a newer release
 */
export async function encryptedStorage(
  inner: StorageProvider,
  key: StoreKey,
  options?: EncryptedStorageOptions,
): Promise<EncryptedStorage> {
  const { atLeast } = optionsArgument("options", options, ["atLeast"]);
  const oldest = bigintArgument("options.atLeast", atLeast ?? 0n);
  const vault = new Vault(innerArgument(inner), storeKeyArgument(key));
  await vault.open(oldest);
  return new SealedStorage(vault);
}

class SealedStorage implements EncryptedStorage {
  readonly name: string;
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
    this.name = `encrypted in ${vault.inner.name}`;
  }

  get version(): bigint {
    return this.#vault.state?.version ?? 0n;
  }

  get rotating(): boolean {
    return (this.#vault.state?.keys.size ?? 0) > 1;
  }

  async get(key: StorageKey): Promise<Uint8Array | undefined> {
    checkStorageKey(key);
    const { table, owner, id } = deepCopy(key);
    return this.#vault.read(async (state) => {
      const partition = state.partitions.get(partitionId(table, owner));
      if (partition === undefined) {
        return undefined;
      }
      await learnIds(this.#vault.inner, state, partition);
      return (await readRecord(this.#vault.inner, state, partition, id))?.value;
    });
  }

  async list(prefix: StoragePrefix): Promise<readonly StorageRecord[]> {
    checkStorageKey(prefix);
    const { table, owner, id: start } = deepCopy(prefix);
    return this.#vault.read(async (state) => {
      const partition = state.partitions.get(partitionId(table, owner));
      const found = partition === undefined ? [] : await this.#under(state, partition, start);
      return found.map(({ id, value }) => ({ key: { table, owner: owner.slice(), id }, value }));
    });
  }

  async listOwners(table: string): Promise<readonly Uint8Array[]> {
    checkStorageTable(table);
    return this.#vault.read(async ({ partitions }) => {
      const found = [...partitions.values()].filter((partition) => partition.table === table);
      return found.map(({ owner }) => owner.slice()).sort(compareBytes);
    });
  }

  async write(batch: StorageBatch): Promise<void> {
    checkStorageBatch(batch);
    const copy = deepCopy(batch);
    await this.#vault
      .write(async (state) => {
        const drafts = await draftBatch(this.#vault.inner, state, copy);
        if (drafts.length > 0) {
          return planChanges(state, drafts);
        }
        const expect = [{ key: headKey(), value: state.stored }];
        return (copy.expect?.length ?? 0) === 0 ? undefined : { batch: { expect }, commit: () => state };
      })
      .finally(() => {
        wipeValues(copy.expect);
        wipeValues(copy.puts);
      });
  }

  async rotate(): Promise<void> {
    await rotate(this.#vault);
  }

  async changeKey(key: StoreKey): Promise<void> {
    await changeKey(this.#vault, storeKeyArgument(key));
  }

  async verify(): Promise<void> {
    const visited = new Set<string>();
    let left = true;
    while (left) {
      // One partition a call, so that others get their turn; what they write meanwhile is checked as it is then.
      left = await this.#vault.read(async (state) => {
        const next = [...state.partitions].find(([id]) => !visited.has(id));
        if (next !== undefined) {
          wipeValues(await readPartition(this.#vault.inner, state, next[1]));
          visited.add(next[0]);
        }
        return next !== undefined;
      });
    }
  }

  close(): void {
    this.#vault.close();
  }

  async #under(
    state: StoreState,
    partition: Partition,
    prefix: Uint8Array,
  ): Promise<readonly OpenedRecord[]> {
    if (prefix.length === 0) {
      return readPartition(this.#vault.inner, state, partition);
    }
    await learnIds(this.#vault.inner, state, partition);
    const ids = sortedIdsUnder(partition, prefix);
    if (ids.length <= partition.count >> 2) {
      // Few of many, one by one. That they are of one time is known by their nonces.
      const found: OpenedRecord[] = [];
      for (const id of ids) {
        const record = await readRecord(this.#vault.inner, state, partition, id);
        found.push(...(record === undefined ? [] : [record]));
      }
      return found;
    }
    const all = await readPartition(this.#vault.inner, state, partition);
    const under = ({ id }: OpenedRecord): boolean => equalBytes(id.subarray(0, prefix.length), prefix);
    wipeValues(all.filter((record) => !under(record)));
    return all.filter(under);
  }
}

function innerArgument(value: unknown): StorageProvider {
  const inner = value as StorageProvider | null | undefined;
  const methods = ["get", "list", "listOwners", "write"] as const;
  if (inner === null || inner === undefined || !methods.every((name) => typeof inner[name] === "function")) {
    throw badArgument("inner", value, "a StorageProvider");
  }
  return inner;
}
