import { bytesToKey, compareBytes, equalBytes, MlsError, wipe } from "@openmls-ts/traits";
import type { StorageBatch, StorageExpectation, StorageKey, StorageProvider } from "@openmls-ts/traits";
import { learnIds, readRecord } from "./read-records.ts";
import { partitionId } from "./state.ts";
import type { Partition, StoreState } from "./state.ts";

/** The value that an id gets, or `undefined` when its record goes. */
export interface Change {
  readonly id: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** What a batch makes of one partition. */
export interface Draft {
  readonly table: string;
  readonly owner: Uint8Array;
  /** As it is before; none when it has no records. */
  readonly partition: Partition | undefined;
  /** By id as a map's key. */
  readonly changes: Map<string, Change>;
}

/**
 * Judges the expectations of a batch and says what it changes, partition by partition.
 * @throws MlsError `ERR_MLS_STORAGE_CONFLICT` when an expectation does not hold
 */
export async function draftBatch(
  inner: StorageProvider,
  state: StoreState,
  batch: StorageBatch,
): Promise<readonly Draft[]> {
  for (const expectation of batch.expect ?? []) {
    await judge(inner, state, expectation);
  }
  const drafts = new Map<string, Draft>();
  const draftOf = async ({ table, owner }: StorageKey): Promise<Draft> => {
    const name = partitionId(table, owner);
    const partition = state.partitions.get(name);
    const draft = drafts.get(name) ?? { table, owner, partition, changes: new Map<string, Change>() };
    if (partition !== undefined) {
      await learnIds(inner, state, partition);
    }
    drafts.set(name, draft);
    return draft;
  };
  for (const prefix of batch.deletePrefixes ?? []) {
    const { partition, changes } = await draftOf(prefix);
    for (const key of idsUnder(partition, prefix.id)) {
      changes.set(key, { id: idOf(key), value: undefined });
    }
  }
  for (const gone of batch.deletes ?? []) {
    const { partition, changes } = await draftOf(gone);
    const key = bytesToKey(gone.id);
    if (partition?.ids?.has(key) === true) {
      changes.set(key, { id: gone.id, value: undefined });
    }
  }
  for (const { key, value } of batch.puts ?? []) {
    (await draftOf(key)).changes.set(bytesToKey(key.id), { id: key.id, value });
  }
  return [...drafts.values()].filter(({ changes }) => changes.size > 0);
}

/** The ids of a partition that begin with some bytes, as keys of a map and in no order. */
export function idsUnder(partition: Partition | undefined, prefix: Uint8Array): string[] {
  const start = bytesToKey(prefix);
  return [...(partition?.ids?.keys() ?? [])].filter((key) => key.startsWith(start));
}

/** The ids of a partition that begin with some bytes, in their order. */
export function sortedIdsUnder(partition: Partition, prefix: Uint8Array): Uint8Array[] {
  return idsUnder(partition, prefix).map(idOf).sort(compareBytes);
}

function idOf(key: string): Uint8Array {
  return Uint8Array.from(key, (unit) => unit.charCodeAt(0));
}

async function judge(
  inner: StorageProvider,
  state: StoreState,
  { key, value }: StorageExpectation,
): Promise<void> {
  const partition = state.partitions.get(partitionId(key.table, key.owner));
  let holds = value === undefined;
  if (partition !== undefined) {
    await learnIds(inner, state, partition);
    const there = partition.ids?.has(bytesToKey(key.id)) === true;
    holds = there === (value !== undefined);
    if (there && value !== undefined) {
      const record = await readRecord(inner, state, partition, key.id);
      holds = record !== undefined && equalBytes(record.value, value);
      wipe(record?.value);
    }
  }
  if (!holds) {
    throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${key.table} is not as expected`);
  }
}
