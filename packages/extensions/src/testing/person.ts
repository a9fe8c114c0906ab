import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import {
  basicCredential,
  type CredentialWithKey,
  type Feature,
  KeyPackage,
  MlsGroup,
  type MlsGroupConfig,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { memoryStorage, type MemoryStorage } from "@openmls-ts/storage-memory";
import { type MlsProvider, utf8 } from "@openmls-ts/traits";

/** One client: keys, store, provider. */
export interface Person {
  readonly storage: MemoryStorage;
  readonly provider: MlsProvider;
  readonly signer: SignatureKeyPair;
  readonly credentialWithKey: CredentialWithKey;
}

const crypto = nodeCrypto();

/** A client that has these features. */
export async function person(name: string, features: readonly Feature[]): Promise<Person> {
  const storage = memoryStorage();
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  return {
    storage,
    provider: { crypto, storage, credentialValidator: { validate: async () => true }, features },
    signer,
    credentialWithKey: { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey },
  };
}

/** A key package of a client. */
export async function keyPackageOf({ provider, signer, credentialWithKey }: Person): Promise<KeyPackage> {
  return KeyPackage.builder().build(1, provider, signer, credentialWithKey);
}

/** A group of all, at leaves 0, 1, 2, … */
export async function groupOf(
  people: readonly Person[],
  config: Partial<MlsGroupConfig> = {},
): Promise<MlsGroup[]> {
  const [first, ...others] = people;
  const { provider, signer, credentialWithKey } = first!;
  const group = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1, config });
  await group.addMembers(signer, await Promise.all(others.map(keyPackageOf)));
  const { welcome } = await group.mergePendingCommit();
  const joined = others.map(async (other) =>
    (await StagedWelcome.fromWelcome(other.provider, welcome!, { config })).intoGroup(),
  );
  return [group, ...(await Promise.all(joined))];
}

/** Has a member take a commit in and merge it; what it did. */
export async function follow(
  group: MlsGroup,
  commit: Uint8Array,
): Promise<{ readonly selfRemoved: boolean; readonly left: readonly number[] }> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") throw new Error(`a ${processed.kind}`);
  const { stagedCommit } = processed;
  const { removed } = stagedCommit.summary;
  await group.mergeStagedCommit(stagedCommit);
  return {
    selfRemoved: stagedCommit.selfRemoved,
    left: removed.filter(({ left }) => left).map(({ leafIndex }) => leafIndex),
  };
}

/** The group as another object finds it in the store. */
export async function reloaded({ provider }: Person, group: MlsGroup): Promise<MlsGroup> {
  const found = await MlsGroup.load(provider, group.groupId);
  if (found === undefined) throw new Error("no such group");
  return found;
}
