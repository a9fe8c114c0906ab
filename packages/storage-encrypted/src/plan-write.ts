import { bytesToKey, wipe } from "@openmls-ts/traits";
import type { StorageBatch, StorageKey, StoragePrefix, StorageRecord } from "@openmls-ts/traits";
import { addTo, type DataKey, nonceOf } from "./data-key.ts";
import type { Draft } from "./draft.ts";
import {
  allRecords,
  headerKey,
  headKey,
  headPlace,
  partitionKey,
  partitionPlace,
  recordKey,
  recordPlace,
} from "./layout.ts";
import { encodeRecord } from "./read-records.ts";
import { encodeHead, encodePartition, keyOf, noSum, partitionId } from "./state.ts";
import type { Partition, StoreState } from "./state.ts";

/** A batch for the inner store, and what is known once it is written. */
export interface Plan {
  readonly batch: StorageBatch;
  /** Called when the batch is written, and not before: it changes what the state before it shares. */
  readonly commit: () => StoreState;
}

interface Work {
  readonly puts: StorageRecord[];
  readonly deletes: StorageKey[];
  readonly deletePrefixes: StoragePrefix[];
  readonly commits: (() => void)[];
}

/** The batch for what an application changes. */
export function planChanges(state: StoreState, drafts: readonly Draft[]): Plan {
  const work: Work = { puts: [], deletes: [], deletePrefixes: [], commits: [] };
  const partitions = new Map(state.partitions);
  const headKey = keyOf(state.keys, state.keyId);
  const sum = state.sum.slice();
  for (const draft of drafts) {
    const before = draft.partition;
    const key = keyOf(state.keys, before?.keyId ?? state.keyId);
    const after = changePartition(key, draft, work);
    for (const each of [before, after]) {
      if (each !== undefined) {
        addTo(sum, headKey.summand(partitionPlace(each.name), each.nonce));
      }
    }
    const id = partitionId(draft.table, draft.owner);
    if (after === undefined) {
      partitions.delete(id);
    } else {
      partitions.set(id, after);
    }
  }
  return planHead({ ...state, sum, partitions }, state.stored, work);
}

/**
 * The batch that brings a partition under the newest key, names and all.
 * @param records all of it
 */
export function planMove(state: StoreState, partition: Partition, changes: Draft["changes"]): Plan {
  const { table, owner, name, nonce } = partition;
  const work: Work = {
    puts: [],
    deletes: [partitionKey(name)],
    deletePrefixes: [allRecords(name)],
    commits: [],
  };
  const newest = keyOf(state.keys, state.keyId);
  const after = changePartition(newest, { table, owner, partition: undefined, changes }, work);
  const sum = state.sum.slice();
  const partitions = new Map(state.partitions);
  addTo(sum, newest.summand(partitionPlace(name), nonce));
  if (after !== undefined) {
    addTo(sum, newest.summand(partitionPlace(after.name), after.nonce));
    partitions.set(partitionId(table, owner), after);
  }
  return planHead({ ...state, sum, partitions }, state.stored, work);
}

/**
 * The batch that puts another header in place. The newest of the keys is the last one.
 * @param header as it is to be stored; @param headerHash its SHA-256
 */
export function planHeader(
  state: Omit<StoreState, "sum" | "stored" | "headerHash"> & { readonly stored: Uint8Array | undefined },
  header: Uint8Array,
  headerHash: Uint8Array,
): Plan {
  const newest = keyOf(state.keys, state.keyId);
  const sum = noSum();
  for (const { name, nonce } of state.partitions.values()) {
    addTo(sum, newest.summand(partitionPlace(name), nonce));
  }
  const puts = [{ key: headerKey(), value: header }];
  const work: Work = { puts, deletes: [], deletePrefixes: [], commits: [] };
  return planHead({ ...state, sum, headerHash }, state.stored, work);
}

function planHead(next: Omit<StoreState, "stored">, expected: Uint8Array | undefined, work: Work): Plan {
  const version = next.version + 1n;
  const stored = keyOf(next.keys, next.keyId).seal(headPlace(), encodeHead({ ...next, version }));
  const { puts, deletes, deletePrefixes, commits } = work;
  puts.push({ key: headKey(), value: stored });
  return {
    batch: { expect: [{ key: headKey(), value: expected }], puts, deletes, deletePrefixes },
    commit: () => {
      commits.forEach((commit) => commit());
      return { ...next, version, stored };
    },
  };
}

/** The partition after its changes, or `undefined` when nothing is left of it. */
function changePartition(
  key: DataKey,
  { table, owner, partition, changes }: Draft,
  work: Work,
): Partition | undefined {
  const name = partition?.name ?? key.partitionName(table, owner);
  const ids = partition?.ids ?? new Map<string, Uint8Array>();
  const sum = partition?.sum.slice() ?? noSum();
  const nonces = new Map<string, Uint8Array | undefined>();
  let count = partition?.count ?? 0;
  for (const { id, value } of changes.values()) {
    const recordName = key.recordName(name, id);
    const place = recordPlace(name, recordName);
    const old = ids.get(bytesToKey(id));
    if (old !== undefined) {
      addTo(sum, key.summand(place, old));
      count--;
    }
    if (value === undefined) {
      work.deletes.push(recordKey(name, recordName));
      nonces.set(bytesToKey(id), undefined);
      continue;
    }
    const plaintext = encodeRecord(id, value);
    const stored = key.seal(place, plaintext);
    wipe(plaintext);
    work.puts.push({ key: recordKey(name, recordName), value: stored });
    nonces.set(bytesToKey(id), nonceOf(stored));
    addTo(sum, key.summand(place, nonceOf(stored)));
    count++;
  }
  if (count === 0) {
    work.deletePrefixes.push(allRecords(name));
    work.deletes.push(partitionKey(name));
    return undefined;
  }
  const value = key.seal(partitionPlace(name), encodePartition({ table, owner, count, sum }));
  work.puts.push({ key: partitionKey(name), value });
  work.commits.push(() => {
    nonces.forEach((nonce, id) => (nonce === undefined ? ids.delete(id) : ids.set(id, nonce)));
  });
  return { table, owner, count, sum, name, keyId: key.id, nonce: nonceOf(value), ids };
}
