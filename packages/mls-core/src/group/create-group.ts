import { deepCopy, MlsError, type MlsProvider, type Signer, wipe } from "@openmls-ts/traits";
import { epochState } from "../commit/index.ts";
import { checkSigner } from "../credential/index.ts";
import {
  type Capabilities,
  checkUniqueTypes,
  type CredentialWithKey,
  type Extension,
  type GroupContext,
  type Lifetime,
  lifetimeFrom,
} from "../wire/index.ts";
import { environmentFor } from "../environment.ts";
import { checkPlacement } from "../extension/index.ts";
import { confirmationTag, epochFromSecret } from "../key-schedule/index.ts";
import { checkMembersSupport } from "../proposal/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import { signLeaf, validateLeaf } from "../tree/leaf-validation.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { Batch } from "./batch.ts";
import { groupConfig, type MlsGroupConfig } from "./config.ts";
import { GroupState } from "./group-state.ts";
import { GroupRecords } from "./records.ts";
import { newSecretTree, storeNewGroup } from "./transitions.ts";
import { storageOf } from "../typed-storage.ts";

/** What a new group is made of. Omitted fields have defaults. */
export interface GroupCreation {
  readonly cipherSuite: number;
  /** Default: random, Nh bytes (RFC 9420 §11). */
  readonly groupId?: Uint8Array;
  readonly config?: Partial<MlsGroupConfig>;
  /** Extensions of the GroupContext. */
  readonly extensions?: readonly Extension[];
  readonly capabilities?: Capabilities;
  readonly leafNodeExtensions?: readonly Extension[];
  readonly lifetime?: Lifetime;
}

/** Creates a group of one and stores it (RFC 9420 §11). @throws MlsError `ERR_MLS_GROUP_EXISTS` */
export async function createGroup(
  provider: MlsProvider,
  signer: Signer,
  credentialWithKey: CredentialWithKey,
  creation: GroupCreation,
): Promise<GroupState> {
  const env = await environmentFor(provider, creation.cipherSuite);
  const { suite, limits } = env;
  checkSigner(signer, credentialWithKey.signatureKey);
  const extensions = deepCopy(creation.extensions ?? []);
  checkUniqueTypes(extensions);
  checkPlacement("groupContext", extensions);
  const config = groupConfig(creation.config);
  const groupId = deepCopy(creation.groupId) ?? suite.randomBytes(suite.params.kdf.hashLength);
  if ((await storageOf(provider).get(new GroupRecords(groupId).key("group"))) !== undefined) {
    throw new MlsError("ERR_MLS_GROUP_EXISTS", "there is a group of this id");
  }
  const keys = await suite.deriveKeyPair(suite.randomBytes(suite.params.kem.privateKeyLength));
  const leaf = await signLeaf(suite, signer, {
    encryptionKey: keys.publicKey,
    signatureKey: credentialWithKey.signatureKey,
    credential: credentialWithKey.credential,
    capabilities: creation.capabilities ?? defaultCapabilities(await provider.crypto.supportedCipherSuites()),
    leafNodeSource: LeafNodeSource.keyPackage,
    lifetime: creation.lifetime ?? lifetimeFrom(env.clock.now(), limits.maxLifetime),
    extensions: creation.leafNodeExtensions ?? [],
  });
  validateLeaf(leaf, { suite, groupContextExtensions: extensions, limits });
  const tree = RatchetTree.create(suite, leaf, limits.maxLeaves);
  checkMembersSupport(tree, extensions);
  const epochSecret = suite.randomBytes(suite.params.kdf.hashLength);
  const secrets = epochFromSecret(suite, epochSecret);
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
    privateTree: PrivateTree.create(0, keys.privateKey),
    secrets,
    confirmationTag: confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash),
  });
  const state = new GroupState({
    env,
    groupId,
    ownLeaf: 0,
    config,
    epoch,
    secretTree: newSecretTree(env, epoch),
  });
  await storeNewGroup(state, new Batch());
  return state;
}
