import { MlsError } from "@openmls-ts/traits";
import type { StorageBatch, StorageKey } from "@openmls-ts/traits";
import { lastOfEach, longOwner, ownerKey, toBuffer, upperBound } from "./keys.ts";
import { queryRows } from "./pool.ts";
import type { PostgresClient } from "./pool.ts";
import type { Statements } from "./statements.ts";

/** One statement of a batch and its parameters. */
type Step = readonly [text: string, values: unknown[]];

/** A batch as this package keeps it from the moment of the call: bytes of its own, whatever the caller does with theirs. */
export interface PreparedBatch {
  readonly judge: Step | undefined;
  readonly changes: readonly Step[];
}

/** Copies a batch into the parameters of its statements. The order of the changes is the contract of {@link StorageBatch}. */
export function prepareBatch(statements: Statements, store: string, batch: StorageBatch): PreparedBatch {
  const { expect = [], deletePrefixes = [], deletes = [] } = batch;
  const puts = lastOfEach(batch.puts ?? []);
  const step = (text: string, count: number, columns: () => unknown[][]): Step[] =>
    count === 0 ? [] : [[text, [store, ...columns()]]];
  return {
    judge: step(statements.judge, expect.length, () => [
      ...namesOf(expect.map(({ key }) => key)),
      expect.map(({ value }) => (value === undefined ? null : copied(value))),
    ])[0],
    changes: [
      ...step(statements.deleteRanges, deletePrefixes.length, () => [
        ...namesOf(deletePrefixes),
        deletePrefixes.map(({ id }) => upperBound(id)),
      ]),
      ...step(statements.delete, deletes.length, () => namesOf(deletes)),
      ...step(statements.put, puts.length, () => [
        ...namesOf(puts.map(({ key }) => key)),
        puts.map(({ key }) => longOwner(key.owner)).map((owner) => (owner === null ? null : copied(owner))),
        puts.map(({ value }) => copied(value)),
      ]),
    ],
  };
}

/** Tables, owner keys and ids, each a column. */
function namesOf(keys: readonly StorageKey[]): [string[], Buffer[], Buffer[]] {
  return [
    keys.map(({ table }) => table),
    keys.map(({ owner }) => copied(ownerKey(owner))),
    keys.map(({ id }) => copied(id)),
  ];
}

function copied(bytes: Uint8Array): Buffer {
  return Buffer.from(toBuffer(bytes));
}

/**
 * Applies a batch within a transaction that holds the locks of its owners.
 * @throws MlsError `ERR_MLS_STORAGE_CONFLICT` if an expectation does not hold
 */
export async function applyBatch(client: PostgresClient, { judge, changes }: PreparedBatch): Promise<void> {
  if (judge !== undefined) {
    const [failed] = await queryRows(client, ...judge);
    if (failed !== undefined) {
      const table = failed["table"] ?? "?";
      throw new MlsError("ERR_MLS_STORAGE_CONFLICT", `a record of table ${table} is not as expected`);
    }
  }
  for (const change of changes) {
    await queryRows(client, ...change);
  }
}
