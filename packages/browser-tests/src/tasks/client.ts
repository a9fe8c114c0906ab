import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { basicCredential, type CredentialWithKey } from "@openmls-ts/mls-core";
import {
  type IndexedDbDurability,
  type IndexedDbStorage,
  indexedDbStorage,
} from "@openmls-ts/storage-indexeddb";
import { type MlsProvider, utf8 } from "@openmls-ts/traits";
import { cryptoNamed, type ProviderName } from "./providers.ts";

const SUITE = 1;

/** One user with one database. */
export interface Client {
  readonly storage: IndexedDbStorage;
  readonly provider: MlsProvider;
  readonly signer: SignatureKeyPair;
  readonly credentialWithKey: CredentialWithKey;
}

/** What it takes to open a client's database and have its keys. */
export interface ClientFacts {
  readonly database: string;
  readonly crypto: ProviderName;
  readonly durability: IndexedDbDurability;
}

/** A new client, whose keys are in its database. */
export async function newClient(facts: ClientFacts): Promise<Client> {
  const { storage, provider } = await open(facts, true);
  const signer = await SignatureKeyPair.generate(await provider.crypto.cipherSuite(SUITE));
  await signer.store(storage);
  return { storage, provider, signer, credentialWithKey: credentialOf(facts, signer) };
}

/** A client that was here before. @param signatureKey its public key */
export async function oldClient(facts: ClientFacts, signatureKey: Uint8Array): Promise<Client> {
  const { storage, provider } = await open(facts, false);
  const signer = await SignatureKeyPair.load(storage, await provider.crypto.cipherSuite(SUITE), signatureKey);
  if (signer === undefined) {
    throw new Error("the signature key is gone");
  }
  return { storage, provider, signer, credentialWithKey: credentialOf(facts, signer) };
}

async function open(
  { database, crypto, durability }: ClientFacts,
  create: boolean,
): Promise<Pick<Client, "storage" | "provider">> {
  const storage = await indexedDbStorage({ name: database, durability, create });
  const provider = {
    crypto: cryptoNamed(crypto),
    storage,
    credentialValidator: { validate: async () => true },
    // One tab's messages are read before the other's, whatever their generations.
    limits: { maxForwardDistance: 100_000, maxSkippedKeys: 100_000 },
  };
  return { storage, provider };
}

function credentialOf({ database }: ClientFacts, signer: SignatureKeyPair): CredentialWithKey {
  return { credential: basicCredential(utf8(database)), signatureKey: signer.publicKey };
}
