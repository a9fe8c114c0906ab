import {
  bytesToKey,
  equalBytes,
  isMlsError,
  MlsError,
  type MlsProvider,
  Secret,
  type StorageProvider,
} from "@openmls-ts/traits";
import { decode, uint32, uint64 } from "../codec/index.ts";
import type { EpochState, PublicEpoch } from "../epoch/index.ts";
import { type Environment, environmentFor } from "../feature/index.ts";
import { decodeRecord, openRecord, unreadable } from "../stored-format.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import type { Watch } from "../work.ts";
import { asStorageError, storageOf } from "../typed-storage.ts";
import { decodeEpoch, decodeGroupRecord, type GroupRecord, readTree } from "./group-record.ts";
import type { MemberState, PublicState } from "./group-state.ts";
import { loadHandout } from "./handout.ts";
import { loadPastEpochs, loadPastLeaves, loadSecretTree } from "./past-epochs.ts";
import { decodePending, nameBytes } from "./pending-record.ts";
import { decodeKnownProposal } from "./proposal-record.ts";
import { GroupRecords } from "./records.ts";
import type { Restored } from "./restored.ts";

/** How often a load begins anew because somebody else wrote meanwhile. */
const MAX_ATTEMPTS = 100;

/** The value of a record that is not there and should be; it has no format. */
const ABSENT = new Uint8Array();

/** A group as it is in the store. */
export interface Loaded {
  readonly env: Environment;
  readonly records: GroupRecords;
  /** Of a member where it has an own leaf. */
  readonly state: PublicState | MemberState;
  readonly revision: bigint;
}

/**
 * Loads a group, a member's or an observer's: reads its records as of one write, verifies no signature and computes no
 * hash.
 * @returns `undefined` only when the store certainly holds no such group
 * @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`, `ERR_MLS_STORAGE_CONFLICT` while another writer leaves no
 *   moment of rest
 */
export async function loadGroup(
  provider: MlsProvider,
  groupId: Uint8Array,
  watch?: Watch,
): Promise<Loaded | undefined> {
  const records = new GroupRecords(new Uint8Array(groupId));
  const revision = async (): Promise<Uint8Array> =>
    (await storageOf(provider).get(records.key("group_revision"))) ?? ABSENT;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = await revision();
    const [outcome] = await Promise.allSettled([load(provider, records, before, watch)]);
    // What is read while somebody else writes belongs to no state, and with their revision it could be written.
    if (equalBytes(before, await revision())) {
      if (outcome.status === "rejected") {
        const { reason } = outcome as { readonly reason: unknown };
        throw isMlsError(reason, "ERR_MLS_DECODE") || isMlsError(reason, "ERR_MLS_LIMIT")
          ? unreadable("the group", undefined, reason)
          : asStorageError(reason);
      }
      return outcome.value;
    }
  }
  throw new MlsError("ERR_MLS_STORAGE_CONFLICT", "somebody else keeps writing");
}

async function load(
  provider: MlsProvider,
  records: GroupRecords,
  revision: Uint8Array,
  watch: Watch | undefined,
): Promise<Loaded | undefined> {
  const storage = storageOf(provider);
  const value = await storage.get(records.key("group"));
  if (value === undefined) {
    if (revision !== ABSENT) {
      throw unreadable("group", "it is gone, and others of the group are not");
    }
    return undefined;
  }
  const record = decodeGroupRecord(value);
  watch?.("records", 0, record.memberCount);
  const env = await environmentFor(provider, record.cipherSuite);
  const epoch = await loadEpoch({ ...env, watch }, records, record, storage);
  if (!equalBytes(epoch.tree.treeHash(), epoch.groupContext.treeHash)) {
    // RFC 9420 §7.8: the root's hash is stored with it
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", "the stored ratchet tree is of another epoch", {
      rule: "rfc112",
    });
  }
  const { groupId, cipherSuite, epoch: number } = epoch.groupContext;
  if (
    !equalBytes(groupId, records.groupId) ||
    cipherSuite !== record.cipherSuite ||
    number !== record.epoch
  ) {
    throw unreadable("epoch", "it is of another group or epoch");
  }
  const proposals = await storage.list(records.prefix("proposal"));
  const state: PublicState = {
    epoch,
    config: record.config,
    proposals: proposals.map((one) =>
      decodeKnownProposal(decode(uint32, one.key.id), one.value, env.reading),
    ),
    reinit: record.reinit,
    status: record.reinit === undefined ? "active" : "reinitialized",
  };
  return {
    env,
    records,
    state:
      record.ownLeaf === undefined
        ? state
        : await loadMember(env, records, state, { ...record, ownLeaf: record.ownLeaf }, storage),
    revision: decodeRecord(uint64, revision, "group_revision"),
  };
}

async function loadEpoch(
  env: Environment,
  records: GroupRecords,
  { ownLeaf, leafCount }: GroupRecord,
  storage: StorageProvider,
): Promise<PublicEpoch | EpochState> {
  const tree = await readTree(env, records, leafCount);
  env.watch?.("records", tree.memberCount, tree.memberCount);
  const epochRecord = (await storage.get(records.key("epoch"))) ?? ABSENT;
  if (ownLeaf === undefined) {
    return decodeEpoch(env.suite, epochRecord, tree, undefined);
  }
  if (tree.leaf(ownLeaf) === undefined) {
    throw unreadable("group", "the own leaf is blank");
  }
  const keys = await storage.list(records.prefix("path_key"));
  const privateTree = PrivateTree.fromEntries(
    env.suite,
    ownLeaf,
    keys.map(({ key, value }) => [decode(uint32, key.id), openRecord(value, "path_key")] as const),
  );
  const featureRecords = new Map<string, Uint8Array>();
  for (const { label } of env.features.epochSecrets) {
    const value = await storage.get(records.key("feature_epoch", nameBytes(label)));
    if (value !== undefined) {
      featureRecords.set(label, openRecord(value, "feature_epoch"));
    }
  }
  return decodeEpoch(env.suite, epochRecord, tree, { privateTree, featureRecords });
}

async function loadMember(
  env: Environment,
  records: GroupRecords,
  state: PublicState,
  { ownLeaf, restored }: { readonly ownLeaf: number; readonly restored: Restored },
  storage: StorageProvider,
): Promise<MemberState> {
  const { suite, limits, reading } = env;
  const epoch = state.epoch as EpochState;
  const { tree, groupContext } = epoch;
  const number = groupContext.epoch;
  const pendingRecord = await storage.get(records.key("pending_commit"));
  const nextHandout = await loadHandout(storage, records, number + 1n);
  const ownUpdates = await storage.list(records.prefix("own_update"));
  const pastLeaves = await loadPastLeaves(storage, records);
  if (pendingRecord !== undefined && nextHandout === undefined) {
    throw unreadable("handout", "that of the pending commit is gone");
  }
  const pending =
    pendingRecord === undefined || nextHandout === undefined
      ? undefined
      : decodePending(suite, limits, ownLeaf, epoch, pendingRecord, nextHandout, reading);
  return {
    ...state,
    epoch,
    ownLeaf,
    secretTree: await loadSecretTree(storage, records, suite, limits, number, tree.leafCount),
    past: await loadPastEpochs(storage, records, env, tree, pastLeaves),
    pastLeaves,
    ownUpdates: new Map(
      ownUpdates.map(({ key, value }) => [bytesToKey(key.id), new Secret(openRecord(value, "own_update"))]),
    ),
    pending,
    handout: await loadHandout(storage, records, number),
    pathlessGivenUp: pending?.pathlessGivenUp ?? nextHandout !== undefined,
    restored,
  };
}
