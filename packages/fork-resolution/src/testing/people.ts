import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import {
  basicCredential,
  type CredentialWithKey,
  KeyPackage,
  MlsGroup,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { memoryStorage, type MemoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, type MlsProvider, type Signer, utf8 } from "@openmls-ts/traits";

/** Somebody whose groups are loaded again from the store for every step, as after a restart. */
export interface Person {
  readonly name: string;
  readonly storage: MemoryStorage;
  readonly provider: MlsProvider;
  readonly signer: Signer;
  readonly credentialWithKey: CredentialWithKey;
  keyPackage(): Promise<Uint8Array>;
  group(groupId: Uint8Array): Promise<MlsGroup>;
  join(welcome: Uint8Array | undefined): Promise<void>;
  /** Processes and merges a commit. */
  follow(groupId: Uint8Array, commit: Uint8Array): Promise<void>;
}

export async function person(name: string, crypto: CryptoProvider): Promise<Person> {
  const storage = memoryStorage();
  const provider: MlsProvider = { crypto, storage, credentialValidator: { validate: async () => true } };
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const credentialWithKey = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const group = async (groupId: Uint8Array): Promise<MlsGroup> => {
    const loaded = await MlsGroup.load(provider, groupId);
    if (loaded === undefined) throw new Error(`${name} is in no such group`);
    return loaded;
  };
  return {
    name,
    storage,
    provider,
    signer,
    credentialWithKey,
    group,
    keyPackage: async () =>
      (await KeyPackage.builder().build(1, provider, signer, credentialWithKey)).toMessage(),
    join: async (welcome) => {
      await (await StagedWelcome.fromWelcome(provider, welcome!)).intoGroup();
    },
    follow: async (groupId, commit) => {
      const loaded = await group(groupId);
      const processed = await loaded.processMessage(commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      await loaded.mergeStagedCommit(processed.stagedCommit);
    },
  };
}

/** People in one group of the first one's. */
export async function together(people: readonly Person[]): Promise<Uint8Array> {
  const [first, ...others] = people;
  const { provider, signer, credentialWithKey } = first!;
  const group = await MlsGroup.builder()
    .config({ paddingSize: 32, maxPastEpochs: 2 })
    .build(provider, signer, credentialWithKey);
  await group.addMembers(signer, await Promise.all(others.map(async (other) => other.keyPackage())));
  const { welcome } = await group.mergePendingCommit();
  for (const other of others) await other.join(welcome);
  return group.groupId;
}
