import { MlsError, type MlsProvider } from "@openmls-ts/traits";
import type { EpochState } from "../commit/index.ts";
import { type Environment, environmentFor, limitsOf } from "../environment.ts";
import { decodeMlsMessage, type ResumptionPskId, type Welcome } from "../wire/index.ts";
import { keyPackageKey } from "../key-package/key-package-store.ts";
import { WireFormat } from "../registry.ts";
import { decode, uint64 } from "../codec/index.ts";
import type { SecretTree } from "../secret-tree/index.ts";
import { ratchetTree } from "../wire/index.ts";
import { joinFromWelcome, type LinkedGroup, openWelcome } from "../welcome/index.ts";
import { Batch } from "./batch.ts";
import { groupConfig, type MlsGroupConfig } from "./config.ts";
import { GroupState } from "./group-state.ts";
import { loadGroup } from "./load-group.ts";
import { decodeRecord, GroupRecords } from "./records.ts";
import { newSecretTree, storeNewGroup } from "./transitions.ts";
import { storageOf } from "../typed-storage.ts";

/** What a Welcome leads to, verified and not yet stored. */
export interface StagedJoin {
  readonly env: Environment;
  readonly state: EpochState;
  readonly ownLeaf: number;
  readonly secretTree: SecretTree;
  /** Leaf index of the member who sent the Welcome. */
  readonly sender: number;
  readonly config: MlsGroupConfig;
  /** The KeyPackage that the join uses up; kept when it is marked as last resort. */
  readonly keyPackageRef: Uint8Array;
  readonly lastResort: boolean;
  /** The revision of a group of the same id, which this client is in and which gives way. */
  readonly replaces: bigint | undefined;
}

/** What may be chosen about a join. */
export interface JoinOptions {
  readonly config?: Partial<MlsGroupConfig>;
  /** The encoded ratchet tree, where the Welcome does not hold it. */
  readonly ratchetTree?: Uint8Array;
  /** Whether the group may take the place of one with the same id that this client is in. Default: no. */
  readonly replaceOldGroup?: boolean;
}

/** @throws MlsError `ERR_MLS_DECODE` unless the bytes are a Welcome */
function decodeWelcome(provider: MlsProvider, bytes: Uint8Array): Welcome {
  const message = decodeMlsMessage(bytes, limitsOf(provider).maxMessageSize);
  if (message.wireFormat !== WireFormat.mlsWelcome) {
    throw new MlsError("ERR_MLS_USAGE", "not a Welcome");
  }
  return message.welcome;
}

/** Whether this client is in a group of that id now. @throws MlsError `ERR_MLS_GROUP_EXISTS` rule valn1403 */
export async function checkNotMember(provider: MlsProvider, groupId: Uint8Array): Promise<void> {
  if ((await storageOf(provider).get(new GroupRecords(groupId).key("group"))) !== undefined) {
    throw new MlsError("ERR_MLS_GROUP_EXISTS", "this client is in a group of this id", { rule: "valn1403" });
  }
}

async function linkedGroup(provider: MlsProvider, psk: ResumptionPskId): Promise<LinkedGroup | undefined> {
  const old = await loadGroup(provider, psk.pskGroupId);
  return old === undefined
    ? undefined
    : { groupContext: old.epoch.groupContext, tree: old.epoch.tree, reinit: old.reinit };
}

/** Opens and verifies a Welcome; stores nothing (RFC 9420 §12.4.3.1). @throws MlsError */
export async function stageJoin(
  provider: MlsProvider,
  bytes: Uint8Array,
  { config, ratchetTree: tree, replaceOldGroup: replace = false }: JoinOptions,
): Promise<StagedJoin> {
  const welcome = decodeWelcome(provider, bytes);
  const env = await environmentFor(provider, welcome.cipherSuite);
  const opened = await openWelcome(env, welcome);
  const { groupId } = opened.groupInfo.groupContext;
  if (!replace) {
    await checkNotMember(provider, groupId);
  }
  const old = await storageOf(provider).get(new GroupRecords(groupId).key("group_revision"));
  const { state, ownLeaf } = await joinFromWelcome(env, opened, {
    ratchetTree: tree === undefined ? undefined : decode(ratchetTree, tree),
    linkedGroup: async (psk) => linkedGroup(provider, psk),
  });
  return {
    env,
    state,
    ownLeaf,
    secretTree: newSecretTree(env, state),
    sender: opened.groupInfo.signer,
    config: groupConfig(config),
    keyPackageRef: opened.keyPackageRef,
    lastResort: opened.keyPackage.lastResort,
    replaces: old === undefined ? undefined : decodeRecord(uint64, old),
  };
}

/** Stores the group and uses up the KeyPackage, in one write. @throws MlsError */
export async function storeJoin(join: StagedJoin): Promise<GroupState> {
  const { env, state: epoch, ownLeaf, config, secretTree, replaces: revision } = join;
  const { groupId } = epoch.groupContext;
  if (revision === undefined) {
    await checkNotMember(env.provider, groupId);
  }
  const batch = new Batch();
  const key = keyPackageKey(join.keyPackageRef);
  if (!join.lastResort) {
    const stored = await storageOf(env.provider).get(key);
    if (stored === undefined) {
      throw new MlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "the KeyPackage was used up meanwhile");
    }
    batch.expect(key, stored);
    batch.delete(key); // RFC 9420 §16.8
  }
  const state = new GroupState({ env, groupId, ownLeaf, config, epoch, secretTree, revision });
  await storeNewGroup(state, batch);
  return state;
}
