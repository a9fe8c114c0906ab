import { MlsError, wipe } from "@openmls-ts/traits";
import { type EpochState, resumptionPskKey, type StagedEpoch } from "../commit/index.ts";
import type { Environment } from "../environment.ts";
import { type ReInit } from "../wire/index.ts";
import { withFormat } from "../stored-format.ts";
import { SecretTree } from "../secret-tree/index.ts";
import { Batch } from "./batch.ts";
import { encodeEpoch, encodeGroupRecord, writePrivateTree, writeTree } from "./group-record.ts";
import type { GroupState } from "./group-state.ts";
import { deleteHandout } from "./handout.ts";
import { deletePastEpoch, toPastEpoch, writePastEpoch } from "./past-epochs.ts";
import { TABLES } from "./records.ts";

/** The message keys of an epoch that begins; takes over its encryption secret (RFC 9420 §9). */
export function newSecretTree(env: Environment, state: EpochState): SecretTree {
  return SecretTree.create(env.suite, state.tree.leafCount, state.secrets.takeEncryptionSecret(), env.limits);
}

function writeGroup(batch: Batch, state: GroupState, epoch: EpochState, reinit?: ReInit): void {
  const { config, ownLeaf, records } = state;
  const cipherSuite = state.env.suite.id;
  const record = { cipherSuite, ownLeaf, leafCount: epoch.tree.leafCount, config, reinit };
  batch.put(records.record("group", new Uint8Array(), encodeGroupRecord(record)));
  const secrets = encodeEpoch(epoch);
  batch.put(records.record("epoch", new Uint8Array(), secrets));
  wipe(secrets);
}

function writeResumptionPsk(batch: Batch, state: GroupState, epoch: EpochState): void {
  const keep = BigInt(state.config.resumptionPskEpochs);
  const { groupId, epoch: number } = epoch.groupContext;
  if (keep > 0n) {
    batch.put({
      key: resumptionPskKey(groupId, number),
      value: withFormat(epoch.secrets.resumptionPsk.expose()),
    });
  }
  if (number >= keep) {
    batch.delete(resumptionPskKey(groupId, number - keep)); // RFC 9420 §8.6
  }
}

/** Stores a group that begins here: created or joined. @param batch what else belongs to the same write */
export async function storeNewGroup(state: GroupState, batch: Batch): Promise<void> {
  const { records, epoch } = state;
  for (const table of TABLES) {
    batch.deletePrefix(records.prefix(table));
  }
  writeGroup(batch, state, epoch);
  writeTree(batch, records, epoch.tree);
  writePrivateTree(batch, records, epoch.privateTree);
  state.saveNewMessageKeys(batch, state.secretTree, epoch.groupContext.epoch);
  writeResumptionPsk(batch, state, epoch);
  await state.write(batch);
  state.secretTree.markSaved();
}

/** Deletes a group with all its secrets, in memory and in the store. */
export async function eraseGroup(state: GroupState): Promise<void> {
  const batch = new Batch();
  for (const table of TABLES) {
    batch.deletePrefix(state.records.prefix(table));
  }
  await state.erase(batch);
}

/**
 * Swaps in the epoch that a commit begins: one write of what changed, and the old secrets are gone.
 * @param nextKeys the message keys of that epoch; absent exactly when the commit removes this client
 * @throws MlsError `ERR_MLS_STALE_COMMIT`, `ERR_MLS_GROUP_INACTIVE`, `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE`
 */
export async function mergeEpoch(
  state: GroupState,
  staged: StagedEpoch,
  nextKeys: SecretTree | undefined,
): Promise<void> {
  state.requirePresent();
  if (staged.base !== state.epoch) {
    throw new MlsError("ERR_MLS_STALE_COMMIT", "the commit was staged for another epoch", { rule: "rfc122" });
  }
  const { next } = staged;
  if (next === undefined || nextKeys === undefined) {
    await eraseGroup(state); // RFC 9420 §12.4.2
    return;
  }
  const { records } = state;
  const old = state.epoch;
  const past = [...state.past];
  const batch = new Batch();
  const dropped = [];
  const ended = toPastEpoch(old, state.secretTree);
  past.push(ended);
  if (state.config.maxPastEpochs > 0) {
    writePastEpoch(batch, records, ended, old.tree, next.tree);
  }
  while (past.length > state.config.maxPastEpochs) {
    const oldest = past.shift();
    if (oldest !== undefined) {
      deletePastEpoch(batch, records, oldest.groupContext.epoch);
      dropped.push(oldest);
    }
  }
  writeGroup(batch, state, next, staged.summary.reinit);
  writeTree(batch, records, next.tree, old.tree);
  writePrivateTree(batch, records, next.privateTree, old.privateTree);
  state.saveNewMessageKeys(batch, nextKeys, next.groupContext.epoch);
  writeResumptionPsk(batch, state, next);
  deleteHandout(batch, records, old.groupContext.epoch);
  const own = state.pending?.staged.next === next ? state.pending : undefined;
  if (own === undefined) {
    deleteHandout(batch, records, next.groupContext.epoch);
  }
  for (const table of ["proposal", "own_update", "pending_commit"] as const) {
    batch.deletePrefix(records.prefix(table)); // RFC 9420 §12.1: proposals belong to one epoch
  }
  await state.write(batch);

  nextKeys.markSaved();
  if (own === undefined) {
    state.discardPending();
  }
  state.pending = undefined;
  state.handout = own?.handout;
  state.epoch = next;
  state.secretTree = nextKeys;
  state.past = past;
  state.proposals = [];
  state.dropOwnUpdates();
  state.reinit = staged.summary.reinit;
  if (state.reinit !== undefined) {
    state.status = "reinitialized"; // RFC 9420 §11.2
  }
  old.secrets.wipe(); // RFC 9420 §9.2
  old.privateTree.wipe(); // RFC 9420 §7.5
  for (const { senderDataSecret, secretTree: keys } of dropped) {
    senderDataSecret.wipe();
    keys.wipe();
  }
}
