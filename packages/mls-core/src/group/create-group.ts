import {
  bytesArgument,
  MlsError,
  type MlsProvider,
  numberArgument,
  optionsArgument,
  type Signer,
  signerArgument,
  wipe,
} from "@openmls-ts/traits";
import { checkSigner, validateCredentials } from "../credential/index.ts";
import { epochState, startFeatures } from "../epoch/index.ts";
import { checkPlacement } from "../extension/index.ts";
import {
  capabilitiesArgument,
  credentialWithKeyArgument,
  environmentFor,
  extensionsArgument,
  structArgument,
} from "../feature/index.ts";
import { freshKeys, makeOwnLeaf, newLeaf } from "../key-package/index.ts";
import { confirmationTag, epochFromSecret } from "../key-schedule/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import {
  type AlsoWrite,
  alsoWriteArgument,
  groupConfig,
  GroupRecords,
  type MemberState,
  type MlsGroupConfig,
  type WriteOptions,
  writeNewGroup,
} from "../store/index.ts";
import { validateLeaf } from "../tree/leaf-validation.ts";
import { checkMembersSupport } from "../tree/members-support.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { storageOf } from "../typed-storage.ts";
import {
  type Capabilities,
  type CredentialWithKey,
  defaultLifetime,
  type Extension,
  externalSendersOf,
  type GroupContext,
  type Lifetime,
  lifetimeCodec,
} from "../wire/index.ts";
import { GroupHandle } from "./handle.ts";
import { newSecretTree } from "./receive/process-message.ts";

/** What a new group is made of. Omitted fields have defaults. */
export interface GroupCreation<G = unknown> extends WriteOptions<G> {
  readonly cipherSuite: number;
  /** Default: random, Nh bytes (RFC 9420 §11). */
  readonly groupId?: Uint8Array;
  readonly config?: Partial<MlsGroupConfig>;
  /** Extensions of the GroupContext. */
  readonly extensions?: readonly Extension[];
  /** What the creator's leaf lists beside what crypto provider and features can do. */
  readonly capabilities?: Partial<Capabilities>;
  readonly leafNodeExtensions?: readonly Extension[];
  /** Default: as that of a KeyPackage. */
  readonly lifetime?: Lifetime;
}

/** @throws MlsError `ERR_MLS_GROUP_EXISTS` rule valn1403 while the store has a group of that id */
export async function checkNotThere(provider: MlsProvider, groupId: Uint8Array): Promise<void> {
  if ((await storageOf(provider).get(new GroupRecords(groupId).key("group"))) !== undefined) {
    throw new MlsError("ERR_MLS_GROUP_EXISTS", "there is a group of this id in the store", {
      rule: "valn1403",
    });
  }
}

/** Creates a group of one and stores it (RFC 9420 §11). @throws MlsError `ERR_MLS_GROUP_EXISTS` */
export async function createGroup<G>(
  provider: MlsProvider,
  signer: Signer,
  credentialWithKey: CredentialWithKey,
  creation: GroupCreation<G>,
  wrap: (handle: GroupHandle<MemberState>) => G,
): Promise<G> {
  const signs = signerArgument(signer);
  const owner = credentialWithKeyArgument("credentialWithKey", credentialWithKey);
  const given = optionsArgument<GroupCreation<G>>("creation", creation, [
    "cipherSuite",
    "groupId",
    "config",
    "extensions",
    "capabilities",
    "leafNodeExtensions",
    "lifetime",
    "alsoWrite",
  ]);
  const alsoWrite = alsoWriteArgument(given.alsoWrite);
  const config = groupConfig(given.config);
  const chosenId = given.groupId === undefined ? undefined : bytesArgument("groupId", given.groupId);
  const { extensions: chosenExtensions = [], leafNodeExtensions = [] } = given;
  const chosen = extensionsArgument("extensions", chosenExtensions);
  const leafExtensions = extensionsArgument("leafNodeExtensions", leafNodeExtensions);
  const lifetime =
    given.lifetime === undefined ? undefined : structArgument("lifetime", lifetimeCodec, given.lifetime);
  const capabilities =
    given.capabilities === undefined ? undefined : capabilitiesArgument(given.capabilities);
  const env = await environmentFor(provider, numberArgument("cipherSuite", given.cipherSuite, 0, 0xffff));
  const { suite, limits, features, rules } = env;
  checkSigner(signs, owner.signatureKey);
  const groupId = chosenId ?? suite.randomBytes(suite.params.kdf.hashLength);
  const extensions = features.extensionsFor("groupContext", { cipherSuite: suite.id, groupId }, chosen);
  checkPlacement("groupContext", extensions, features.extensions);
  await checkNotThere(provider, groupId);
  const senders = (externalSendersOf(extensions) ?? []).map((presented) => {
    return { presented, occasion: { groupId, purpose: "external-sender" as const } };
  });
  await validateCredentials(env, senders); // RFC 9420 §12.1.8.1
  const { publicKey: encryptionKey, privateKey } = await freshKeys(env);
  const content = await newLeaf(env, {
    credentialWithKey: owner,
    capabilities,
    extensions: leafExtensions,
    grease: config.grease,
  });
  const leaf = await makeOwnLeaf(env, signs, content, {
    encryptionKey,
    leafNodeSource: LeafNodeSource.keyPackage,
    lifetime: lifetime ?? defaultLifetime(env.clock.now(), limits.maxLifetime),
  });
  const fits = { suite, limits, rules, extensionEntries: features.extensions };
  validateLeaf(leaf, { ...fits, groupContextExtensions: extensions });
  const tree = RatchetTree.create(suite, leaf, limits.maxLeaves);
  checkMembersSupport(tree, extensions);
  const epochSecret = suite.randomBytes(suite.params.kdf.hashLength);
  const secrets = epochFromSecret(suite, epochSecret, features.epochSecrets);
  wipe(epochSecret);
  const groupContext: GroupContext = {
    version: ProtocolVersion.mls10,
    cipherSuite: suite.id,
    groupId,
    epoch: 0n,
    treeHash: tree.treeHash(),
    confirmedTranscriptHash: new Uint8Array(), // RFC 9420 §11
    extensions,
  };
  const epoch = epochState(suite, {
    groupContext,
    tree,
    privateTree: PrivateTree.create(0, privateKey),
    secrets,
    confirmationTag: confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash),
    featureRecords: startFeatures(env, secrets),
  });
  const state = { ...newMember(0, config), epoch, secretTree: newSecretTree(env, epoch) };
  return storeNew(env, state, wrap, alsoWrite);
}

/** What a member's state begins with beside its epoch. */
export function newMember(
  ownLeaf: number,
  config: MlsGroupConfig,
): Omit<MemberState, "epoch" | "secretTree"> {
  return {
    ownLeaf,
    config,
    proposals: [],
    reinit: undefined,
    status: "active",
    past: [],
    pastLeaves: new Map(),
    ownUpdates: new Map(),
    pending: undefined,
    handout: undefined,
    pathlessGivenUp: false,
    restored: "no",
  };
}

/** Stores a group that begins here. @throws MlsError `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE` */
async function storeNew<G>(
  env: GroupHandle<MemberState>["env"],
  state: MemberState,
  wrap: (handle: GroupHandle<MemberState>) => G,
  alsoWrite: AlsoWrite<G> | undefined,
): Promise<G> {
  const records = new GroupRecords(state.epoch.groupContext.groupId);
  const handle = new GroupHandle(env, records, state, undefined);
  const group = wrap(handle);
  return handle.transact(async (_, { batch }) => {
    writeNewGroup(batch, records, env, state);
    return group;
  }, alsoWrite);
}
