import {
  bytesToKey,
  deepCopy,
  equalBytes,
  isMlsError,
  MlsError,
  type MlsProvider,
  Secret,
} from "@openmls-ts/traits";
import { decode, uint32, uint64 } from "../codec/index.ts";
import { environmentFor } from "../environment.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { decodeEpoch, decodeGroupRecord, type GroupRecord, readTree } from "./group-record.ts";
import { asStorageError, storageOf } from "../typed-storage.ts";
import { GroupState } from "./group-state.ts";
import { loadHandout } from "./handout.ts";
import { loadPastEpochs, loadSecretTree } from "./past-epochs.ts";
import { decodePending } from "./pending-record.ts";
import { decodeStoredProposal } from "./proposal-store.ts";
import { decodeRecord, GroupRecords, unreadable } from "./records.ts";
import { openRecord } from "../stored-format.ts";

/** How often a load begins anew because somebody else wrote meanwhile. */
const MAX_ATTEMPTS = 100;

/** The value of a record that is not there and should be; it has no format. */
const ABSENT = new Uint8Array();

/**
 * Loads a group: reads its records, verifies no signature and computes no hash.
 * @returns `undefined` only when the store certainly holds no such group
 * @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`, `ERR_MLS_STORAGE_CONFLICT` while another writer leaves no
 *   moment of rest
 */
export async function loadGroup(provider: MlsProvider, groupId: Uint8Array): Promise<GroupState | undefined> {
  const records = new GroupRecords(deepCopy(groupId));
  const revision = async (): Promise<Uint8Array> =>
    (await storageOf(provider).get(records.key("group_revision"))) ?? ABSENT;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = await revision();
    const [outcome] = await Promise.allSettled([load(provider, records, before)]);
    // What is read while somebody else writes belongs to no state, and with their revision it could be written.
    if (equalBytes(before, await revision())) {
      if (outcome.status === "rejected") {
        throw isMlsError(outcome.reason, "ERR_MLS_DECODE")
          ? unreadable(outcome.reason)
          : asStorageError(outcome.reason);
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
): Promise<GroupState | undefined> {
  const { storage } = provider;
  const value = await storage.get(records.key("group"));
  if (value === undefined) {
    return undefined;
  }
  const record: GroupRecord & { reinit: ReturnType<typeof decodeGroupRecord>["reinit"] } =
    decodeGroupRecord(value);
  const env = await environmentFor(provider, record.cipherSuite);
  const { suite, limits } = env;
  const epochRecord = (await storage.get(records.key("epoch"))) ?? ABSENT;
  const tree = await readTree(env, records, record.leafCount);
  const keys = await storage.list(records.prefix("path_key"));
  const privateTree = PrivateTree.fromEntries(
    record.ownLeaf,
    keys.map(({ key, value: secret }) => [decode(uint32, key.id), openRecord(secret)] as const),
  );
  const epoch = decodeEpoch(suite, epochRecord, { tree, privateTree });
  if (!equalBytes(tree.treeHash(), epoch.groupContext.treeHash)) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", "the stored ratchet tree is of another epoch", {
      rule: "rfc112", // the root's hash is stored with it
    });
  }
  const number = epoch.groupContext.epoch;
  const pendingRecord = await storage.get(records.key("pending_commit"));
  const pendingHandout = await loadHandout(storage, records, number + 1n);
  const proposals = await storage.list(records.prefix("proposal"));
  const ownUpdates = await storage.list(records.prefix("own_update"));
  const pending =
    pendingRecord === undefined || pendingHandout === undefined
      ? undefined
      : { ...decodePending(suite, limits, record.ownLeaf, epoch, pendingRecord), handout: pendingHandout };
  return new GroupState({
    env,
    groupId: records.groupId,
    ownLeaf: record.ownLeaf,
    config: record.config,
    epoch,
    secretTree: await loadSecretTree(storage, records, suite, limits, number, tree.leafCount),
    past: await loadPastEpochs(storage, records, suite, limits, tree),
    proposals: proposals.map(({ key, value: stored }) =>
      decodeStoredProposal(decode(uint32, key.id), stored),
    ),
    ownUpdates: new Map(
      ownUpdates.map(({ key, value: secret }) => [bytesToKey(key.id), new Secret(openRecord(secret))]),
    ),
    pending,
    handout: await loadHandout(storage, records, number),
    reinit: record.reinit,
    revision: decodeRecord(uint64, revision),
  });
}
