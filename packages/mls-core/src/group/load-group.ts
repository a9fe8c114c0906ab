import { bytesToKey, equalBytes, MlsError, type MlsProvider, Secret } from "@openmls-ts/traits";
import { decode, uint32, uint64 } from "../codec/index.ts";
import { environmentFor } from "../environment.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { decodeEpoch, decodeGroupRecord, type GroupRecord, readTree } from "./group-record.ts";
import { asStorageError } from "../typed-storage.ts";
import { GroupState } from "./group-state.ts";
import { loadHandout } from "./handout.ts";
import { loadPastEpochs, loadSecretTree } from "./past-epochs.ts";
import { decodePending } from "./pending-record.ts";
import { decodeStoredProposal } from "./proposal-store.ts";
import { decodeRecord, GroupRecords, openRecord } from "./records.ts";

/**
 * Loads a group: reads its records, verifies no signature and computes no hash.
 * @returns `undefined` only when the store certainly holds no such group
 * @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`
 */
export async function loadGroup(provider: MlsProvider, groupId: Uint8Array): Promise<GroupState | undefined> {
  try {
    return await load(provider, groupId);
  } catch (cause) {
    throw asStorageError(cause);
  }
}

async function load(provider: MlsProvider, groupId: Uint8Array): Promise<GroupState | undefined> {
  const { storage } = provider;
  const records = new GroupRecords(groupId.slice());
  const value = await storage.get(records.key("group"));
  if (value === undefined) {
    return undefined;
  }
  const record: GroupRecord & { reinit: ReturnType<typeof decodeGroupRecord>["reinit"] } =
    decodeGroupRecord(value);
  const env = await environmentFor(provider, record.cipherSuite);
  const { suite, limits } = env;
  const required = async (table: "epoch" | "group_revision"): Promise<Uint8Array> => {
    const found = await storage.get(records.key(table));
    if (found === undefined) {
      throw new MlsError("ERR_MLS_STORAGE_FORMAT", `the group's ${table} record is missing`);
    }
    return found;
  };
  const tree = await readTree(env, records, record.leafCount);
  const keys = await storage.list(records.prefix("path_key"));
  const privateTree = PrivateTree.fromEntries(
    record.ownLeaf,
    keys.map(({ key, value: secret }) => [decode(uint32, key.id), openRecord(secret).slice()] as const),
  );
  const epoch = decodeEpoch(suite, await required("epoch"), { tree, privateTree });
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
      ownUpdates.map(({ key, value: secret }) => [
        bytesToKey(key.id),
        new Secret(openRecord(secret).slice()),
      ]),
    ),
    pending,
    handout: await loadHandout(storage, records, number),
    reinit: record.reinit,
    revision: decodeRecord(uint64, await required("group_revision")),
  });
}
