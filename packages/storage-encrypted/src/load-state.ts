import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, isBytes } from "@openmls-ts/traits";
import type { StorageProvider, StorageRecord } from "@openmls-ts/traits";
import { addTo, type DataKey, keyIdOf, NAME_LENGTH, nonceOf } from "./data-key.ts";
import { storeFault } from "./errors.ts";
import { openHeader } from "./header.ts";
import { allPartitions, headerKey, headPlace, partitionPlace } from "./layout.ts";
import { decodeHead, decodePartition, type Head, keyOf, noSum, partitionId } from "./state.ts";
import type { Partition, StoreState } from "./state.ts";
import type { StoreKey } from "./store-key.ts";

/**
 * What the store is like, every part of it held against the head: the header by its hash, the partitions by their sum.
 * @param stored the record `head`
 * @param known what this handle has seen before, which may not be newer
 * @throws MlsError `ERR_MLS_STORAGE` with `details.reason`, also when somebody wrote meanwhile: look at the head again
 */
export async function loadState(
  inner: StorageProvider,
  key: StoreKey,
  stored: Uint8Array,
  known: StoreState | undefined,
): Promise<StoreState> {
  const { head, keyId, keys } = await openHead(inner, key, stored, known);
  if (known !== undefined && head.version <= known.version) {
    throw storeFault("rolled-back", `version ${head.version} after ${known.version}`);
  }
  const partitions = openPartitions(await inner.list(allPartitions()), head, keys, keyOf(keys, keyId));
  for (const [id, partition] of partitions) {
    const before = known?.partitions.get(id);
    if (before !== undefined && equalBytes(before.nonce, partition.nonce)) {
      partition.ids = before.ids;
    }
  }
  return { ...head, stored, keyId, keys, partitions };
}

interface OpenedHead {
  readonly head: Head;
  readonly keyId: number;
  readonly keys: ReadonlyMap<number, DataKey>;
}

async function openHead(
  inner: StorageProvider,
  key: StoreKey,
  stored: Uint8Array,
  known: StoreState | undefined,
): Promise<OpenedHead> {
  const keyId = keyIdOf(stored);
  const familiar = known?.keys.get(keyId)?.open(headPlace(), stored);
  if (known !== undefined && familiar !== undefined) {
    const head = decodeHead(familiar);
    if (equalBytes(head.headerHash, known.headerHash)) {
      return { head, keyId, keys: known.keys };
    }
  }
  const header = await inner.get(headerKey());
  if (header === undefined) {
    throw storeFault("missing", "there is no header");
  }
  const keys = await openHeader(key, header);
  const opened = keys.get(keyId)?.open(headPlace(), stored);
  if (opened === undefined) {
    throw storeFault(
      keys.has(keyId) ? "damaged" : "replayed",
      "the head and the header do not belong together",
    );
  }
  const head = decodeHead(opened);
  if (!equalBytes(head.headerHash, sha256(header))) {
    throw storeFault("replayed", "the head and the header are of different times");
  }
  return { head, keyId, keys };
}

function openPartitions(
  records: readonly StorageRecord[],
  head: Head,
  keys: ReadonlyMap<number, DataKey>,
  headKey: DataKey,
): Map<string, Partition> {
  const partitions = new Map<string, Partition>();
  const sum = noSum();
  for (const { key, value } of records) {
    const name = key.id;
    const opened =
      isBytes(value) && name.length === NAME_LENGTH
        ? keys.get(keyIdOf(value))?.open(partitionPlace(name), value)
        : undefined;
    if (opened === undefined) {
      throw storeFault("damaged", "the record of a partition");
    }
    const partition = { ...decodePartition(opened), name, keyId: keyIdOf(value), nonce: nonceOf(value) };
    addTo(sum, headKey.summand(partitionPlace(name), partition.nonce));
    partitions.set(partitionId(partition.table, partition.owner), { ...partition, ids: undefined });
  }
  if (!equalBytes(sum, head.sum)) {
    throw storeFault("replayed", "the set of partitions is of another time");
  }
  return partitions;
}
