import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToKey } from "@openmls-ts/traits";
import type { DataKey } from "./data-key.ts";
import type { Change } from "./draft.ts";
import { newDataKey, sealHeader } from "./header.ts";
import { type Plan, planHeader, planMove } from "./plan-write.ts";
import { readPartition, wipeValues } from "./read-records.ts";
import type { Partition, StoreState } from "./state.ts";
import type { StoreKey } from "./store-key.ts";
import type { Vault } from "./vault.ts";

/*
 * Replacing the data key takes steps, each of them one batch: a header with both keys; partition by partition moved under
 * the new one, with new names; a header without the old one. What is left to do can be seen from the store itself, so a
 * process that dies leaves nothing that the next one could not go on with.
 */

/** Replaces the data key, or goes on with what somebody has begun. Other calls get their turn between the steps. */
export async function rotate(vault: Vault): Promise<void> {
  let begun = false;
  let busy = true;
  while (busy) {
    busy = await vault.write(async (state) => {
      if (state.keys.size > 1) {
        begun = true;
        return moveOne(vault, state);
      }
      return begun ? undefined : begin(vault.key, state);
    });
    begun = true;
  }
}

/** Seals the same data keys with another key of the application. */
export async function changeKey(vault: Vault, key: StoreKey): Promise<void> {
  await vault.write(async (state) => putHeader(key, state, [...state.keys.values()]), key);
}

async function begin(key: StoreKey, state: StoreState): Promise<Plan> {
  return putHeader(key, state, [...state.keys.values(), newDataKey(state.keyId + 1)]);
}

async function moveOne(vault: Vault, state: StoreState): Promise<Plan> {
  const left = [...state.partitions.values()].find(({ keyId }) => keyId !== state.keyId);
  if (left === undefined) {
    const newest = state.keys.get(state.keyId);
    return putHeader(vault.key, state, newest === undefined ? [] : [newest]);
  }
  return move(vault, state, left);
}

async function move(vault: Vault, state: StoreState, partition: Partition): Promise<Plan> {
  const records = await readPartition(vault.inner, state, partition);
  const changes = new Map<string, Change>(records.map((record) => [bytesToKey(record.id), record]));
  const plan = planMove(state, partition, changes);
  wipeValues(records);
  return plan;
}

async function putHeader(key: StoreKey, state: StoreState, dataKeys: readonly DataKey[]): Promise<Plan> {
  const header = await sealHeader(key, dataKeys);
  const keys = new Map(dataKeys.map((each) => [each.id, each]));
  const keyId = Math.max(...keys.keys());
  return planHeader({ ...state, keys, keyId }, header, sha256(header));
}
