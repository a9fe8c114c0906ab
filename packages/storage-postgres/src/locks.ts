import type { StorageBatch } from "@openmls-ts/traits";
import { createHash } from "node:crypto";
import { toBuffer } from "./keys.ts";

/**
 * The advisory locks that a batch takes before it looks at anything: one for each owner in it, of whatever table. A lock
 * stands for records that do not exist as well, which no row lock does, so an expectation that a record is absent holds
 * until COMMIT. In ascending order, so that two batches never wait for each other in a circle.
 * @param scope the schema and the store: others share nothing with this one
 * @returns 64-bit signed integers; two owners with one number wait for each other and are otherwise unharmed
 */
export function locksOf(scope: string, batch: StorageBatch): bigint[] {
  const keys = [
    ...(batch.expect ?? []).map(({ key }) => key),
    ...(batch.deletePrefixes ?? []),
    ...(batch.deletes ?? []),
    ...(batch.puts ?? []).map(({ key }) => key),
  ];
  const owners = new Map(keys.map(({ owner }) => [toBuffer(owner).toString("latin1"), owner]));
  const numbers = new Set([...owners.values()].map((owner) => lockNumber(scope, owner)));
  return [...numbers].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The lock of one owner, or of the schema itself where there is none. */
export function lockNumber(scope: string, owner?: Uint8Array): bigint {
  const hash = createHash("sha256").update(`openmls ${owner === undefined ? "schema" : "owner"} ${scope}\0`);
  if (owner !== undefined) {
    hash.update(toBuffer(owner));
  }
  return hash.digest().readBigInt64BE();
}
