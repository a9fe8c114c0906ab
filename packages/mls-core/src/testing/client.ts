import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { memoryStorage, type MemoryStorage } from "@openmls-ts/storage-memory";
import { type CredentialValidator, type CryptoProvider, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { KeyPackage, type MlsGroupConfig, MlsGroup, StagedWelcome } from "../index.ts";
import { basicCredential, type CredentialWithKey } from "../wire/index.ts";

/** For tests that are not about identities. */
export const acceptEveryone: CredentialValidator = { validate: async () => true };

/** One user with one device: keys, store, provider. */
export interface Client {
  readonly name: string;
  readonly storage: MemoryStorage;
  readonly provider: MlsProvider;
  readonly signer: SignatureKeyPair;
  readonly credentialWithKey: CredentialWithKey;
  readonly suite: number;
}

export async function client(
  name: string,
  crypto: CryptoProvider,
  suite = 1,
  overrides: Partial<MlsProvider> = {},
): Promise<Client> {
  const storage = memoryStorage();
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
  return {
    name,
    storage,
    provider: {
      crypto,
      storage,
      credentialValidator: acceptEveryone,
      limits: { maxLifetime: 0xffff_ffff_ffff_ffffn }, // forged leaves live for ever
      ...overrides,
    },
    signer,
    credentialWithKey: { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey },
    suite,
  };
}

/** What a group of this client is made with. */
export function ownerOf({ signer, credentialWithKey }: Client): Pick<Client, "signer" | "credentialWithKey"> {
  return { signer, credentialWithKey };
}

export async function keyPackageOf(owner: Client): Promise<KeyPackage> {
  return KeyPackage.builder().build(owner.suite, owner.provider, owner.signer, owner.credentialWithKey);
}

export async function createGroup(creator: Client, config: Partial<MlsGroupConfig> = {}): Promise<MlsGroup> {
  return MlsGroup.create(creator.provider, creator.signer, creator.credentialWithKey, {
    cipherSuite: creator.suite,
    config,
  });
}

export async function joinFrom(
  joiner: Client,
  welcome: Uint8Array | undefined,
  config: Partial<MlsGroupConfig> = {},
): Promise<MlsGroup> {
  if (welcome === undefined) {
    throw new Error("no Welcome");
  }
  return (await StagedWelcome.fromWelcome(joiner.provider, welcome, { config })).intoGroup();
}

/** Has a member process a commit and merge it. */
export async function follow(group: MlsGroup, commit: Uint8Array): Promise<void> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") {
    throw new Error(`expected a commit, not ${processed.kind}`);
  }
  await group.mergeStagedCommit(processed.stagedCommit);
}
