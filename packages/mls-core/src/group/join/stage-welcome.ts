import {
  booleanArgument,
  bytesArgument,
  deepCopy,
  type KeyPackageUse,
  MlsError,
  type MlsProvider,
  optionsArgument,
  wipe,
} from "@openmls-ts/traits";
import { decode, uint64 } from "../../codec/index.ts";
import { type EpochState, wipeEpoch } from "../../epoch/index.ts";
import { bundleOf, type Environment, environmentFor } from "../../feature/index.ts";
import { keyPackageKey } from "../../key-package/index.ts";
import { ExtensionType, WireFormat } from "../../registry.ts";
import {
  Batch,
  groupConfig,
  GroupRecords,
  leavesAt,
  isMember,
  loadGroup,
  type MemberState,
  type MlsGroupConfig,
  wipeMember,
  writeAlso,
  writeNewGroup,
  type AlsoWrite,
} from "../../store/index.ts";
import type { SecretTree } from "../../secret-tree/index.ts";
import { storageOf } from "../../typed-storage.ts";
import { joinFromWelcome, type OldGroup, openWelcome } from "../../welcome/index.ts";
import {
  decodeMlsMessage,
  type Extension,
  type GroupInfo,
  type PreSharedKeyId,
  type ResumptionPskId,
  type Welcome,
} from "../../wire/index.ts";
import { checkNotThere, newMember } from "../create-group.ts";
import { GroupHandle } from "../handle.ts";
import { newSecretTree } from "../receive/process-message.ts";
import { watchOf, WORK_OPTIONS, type WorkOptions } from "../../work.ts";
import { decodeTree } from "./open-group-info.ts";

/** What may be chosen about a join. */
export interface JoinOptions extends WorkOptions {
  readonly config?: Partial<MlsGroupConfig>;
  /** The encoded ratchet tree, where the Welcome does not hold it. */
  readonly ratchetTree?: Uint8Array;
  /**
   * Whether the group may take the place of one with the same id that this client is in, if the Welcome is of a later
   * epoch. Default: no.
   */
  readonly replaceOldGroup?: boolean;
}

/** What a Welcome leads to, verified and not yet stored. */
export interface StagedJoin {
  readonly env: Environment;
  readonly epoch: EpochState;
  readonly secretTree: SecretTree;
  readonly ownLeaf: number;
  /** Leaf index of the member who sent the Welcome. */
  readonly sender: number;
  readonly config: MlsGroupConfig;
  /** Less the ratchet tree. */
  readonly groupInfoExtensions: readonly Extension[];
  /** The KeyPackage that the join uses up, unless it is reusable. */
  readonly keyPackageRef: Uint8Array;
  readonly reusable: boolean;
  readonly psks: readonly PreSharedKeyId[];
  /** The revision of a group of the same id, which this client is in and which gives way. */
  readonly replaces: bigint | undefined;
  /** Records that features keep of the group to be, by their ids. */
  readonly featureRecords: ReadonlyMap<string, FeatureRecord>;
}

/** A record of a feature that is written with the join. */
export interface FeatureRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** What this client knows of an older group. */
async function oldGroup(provider: MlsProvider, psk: ResumptionPskId): Promise<OldGroup | undefined> {
  const loaded = await loadGroup(provider, psk.pskGroupId);
  if (loaded === undefined || !isMember(loaded.state)) {
    return undefined;
  }
  const { epoch, reinit, pastLeaves } = loaded.state;
  const { version, cipherSuite, epoch: number } = epoch.groupContext;
  const psks = await storageOf(provider).list(loaded.records.prefix("resumption_psk"));
  psks.forEach(({ value }) => wipe(value));
  const known = new Set(psks.map(({ key }) => decode(uint64, key.id)));
  wipeMember(loaded.state);
  return {
    version,
    cipherSuite,
    epoch: number,
    reinit,
    leavesAt: (at) => (at === number || known.has(at) ? leavesAt(epoch.tree, pastLeaves, at) : undefined),
  };
}

/** The extensions of a GroupInfo, less the ratchet tree, which has its own way out. */
export function smallExtensions({ extensions }: GroupInfo): readonly Extension[] {
  return extensions.filter(({ extensionType }) => extensionType !== ExtensionType.ratchetTree);
}

/** The Welcome in an MLSMessage, and what it is opened in. @throws MlsError `ERR_MLS_USAGE` for another message */
export async function decodeWelcome(
  provider: MlsProvider,
  bytes: Uint8Array,
): Promise<{ readonly env: Environment; readonly welcome: Welcome }> {
  const { limits, reading } = bundleOf(provider);
  const message = decodeMlsMessage(bytesArgument("welcome", bytes), limits.maxMessageSize, reading);
  if (message.wireFormat !== WireFormat.mlsWelcome) {
    throw new MlsError("ERR_MLS_USAGE", "not a Welcome");
  }
  const { welcome } = message;
  return { welcome, env: await environmentFor(provider, welcome.cipherSuite) };
}

/** Tells the application of a KeyPackage that is used; its listener cannot fail the join. */
function tellUse({ onKeyPackageUsed }: MlsProvider, use: KeyPackageUse): void {
  void (async () => onKeyPackageUsed?.(deepCopy(use)))().catch(() => undefined);
}

/** Gives up a KeyPackage that a Welcome is for, unless it is reusable. @throws MlsError `ERR_MLS_STORAGE` */
export async function declineWelcome(
  provider: MlsProvider,
  use: Omit<KeyPackageUse, "outcome">,
  alsoWrite: AlsoWrite<void> | undefined,
): Promise<void> {
  const { keyPackageRef, reusable } = use;
  const batch = new Batch();
  if (!reusable) {
    batch.delete(keyPackageKey(keyPackageRef)); // RFC 9420 §16.8
  }
  try {
    writeAlso(batch, alsoWrite, undefined);
    await storageOf(provider).write(batch.toStorageBatch());
  } finally {
    batch.wipe();
  }
  if (!reusable) {
    tellUse(provider, { ...use, outcome: "declined" });
  }
}

/** Opens and verifies a Welcome; stores nothing (RFC 9420 §12.4.3.1). @throws MlsError */
export async function stageJoin(
  provider: MlsProvider,
  bytes: Uint8Array,
  options: JoinOptions | undefined,
): Promise<StagedJoin> {
  const given = optionsArgument<JoinOptions>("options", options, [
    "config",
    "ratchetTree",
    "replaceOldGroup",
    ...WORK_OPTIONS,
  ]);
  const watch = watchOf(given);
  const config = groupConfig(given.config);
  const { replaceOldGroup = false } = given;
  booleanArgument("replaceOldGroup", replaceOldGroup);
  const ratchetTree = decodeTree(provider, given.ratchetTree);
  const { env, welcome } = await decodeWelcome(provider, bytes);
  const opened = await openWelcome(env, welcome);
  try {
    const { groupId, epoch: number } = opened.groupInfo.groupContext;
    if (!replaceOldGroup) {
      await checkNotThere(provider, groupId);
    }
    const replaces = await replaced(provider, groupId, number);
    const context = { ratchetTree, oldGroup: async (psk: ResumptionPskId) => oldGroup(provider, psk) };
    const { epoch, ownLeaf } = await joinFromWelcome({ ...env, watch }, opened, context);
    const { keyPackageRef, keyPackage, groupInfo } = opened;
    const { reusable } = keyPackage;
    return {
      env,
      epoch,
      secretTree: newSecretTree(env, epoch),
      ownLeaf,
      sender: groupInfo.signer,
      groupInfoExtensions: smallExtensions(groupInfo),
      config,
      keyPackageRef,
      reusable,
      psks: opened.psks,
      replaces,
      featureRecords: new Map(),
    };
  } catch (error) {
    opened.secrets.wipe();
    opened.pathSecret?.wipe();
    wipe(opened.keyPackage.encryptionPrivateKey);
    throw error;
  }
}

/** The revision of the group that gives way. @throws MlsError `ERR_MLS_GROUP_EXISTS` when it is as far or further (§9.1) */
async function replaced(
  provider: MlsProvider,
  groupId: Uint8Array,
  epoch: bigint,
): Promise<bigint | undefined> {
  const old = await loadGroup(provider, groupId);
  if (old === undefined) {
    return undefined;
  }
  const { groupContext } = old.state.epoch;
  if (isMember(old.state)) {
    wipeMember(old.state);
  }
  if (epoch <= groupContext.epoch) {
    throw new MlsError(
      "ERR_MLS_GROUP_EXISTS",
      `a Welcome to epoch ${epoch} leads back from epoch ${groupContext.epoch}`,
      {
        rule: "rfc65",
      },
    );
  }
  return old.revision;
}

/** Stores the group and uses up the KeyPackage, in one write. @throws MlsError */
export async function storeJoin<G>(
  join: StagedJoin,
  wrap: (handle: GroupHandle<MemberState>) => G,
  alsoWrite: AlsoWrite<G> | undefined,
): Promise<G> {
  const { env, epoch, secretTree, ownLeaf, config, replaces } = join;
  const { groupId } = epoch.groupContext;
  const { provider } = env;
  if (replaces === undefined) {
    await checkNotThere(provider, groupId);
  }
  const records = new GroupRecords(groupId);
  const state: MemberState = { ...newMember(ownLeaf, config), epoch, secretTree };
  const handle = new GroupHandle(env, records, state, replaces);
  const group = wrap(handle);
  const { keyPackageRef, reusable } = join;
  const key = keyPackageKey(keyPackageRef);
  const joined = await handle.transact(async (_, { batch }) => {
    if (!reusable) {
      const stored = await storageOf(provider).get(key);
      if (stored === undefined) {
        throw new MlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "the KeyPackage was used up meanwhile");
      }
      batch.expect(key, stored);
      batch.delete(key); // RFC 9420 §16.8
    }
    writeNewGroup(batch, records, env, state);
    for (const { id, value } of join.featureRecords.values()) {
      batch.put(records.record("feature", id, value));
    }
    return group;
  }, alsoWrite);
  join.featureRecords.forEach(({ value }) => wipe(value));
  const cipherSuite = env.suite.id;
  tellUse(provider, { keyPackageRef, cipherSuite, groupId, outcome: "joined", reusable });
  return joined;
}

/** Gives a join up. */
export function discardJoin({ epoch, secretTree, featureRecords }: StagedJoin): void {
  wipeEpoch(epoch);
  secretTree.wipe();
  featureRecords.forEach(({ value }) => wipe(value));
}
