import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import type { CredentialWithKey, MlsGroupConfig } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { countingCrypto } from "./counting-crypto.ts";
import type { CountingCrypto } from "./counting-crypto.ts";
import { countingStorage } from "./counting-storage.ts";
import type { CountingStorage } from "./counting-storage.ts";

const SUITE = 1;

let platform: CryptoProvider | undefined;

/** One for all clients: it finds out what the runtime can do, which takes longer than all else that a client does at first. */
function platformCrypto(): CryptoProvider {
  return (platform ??= nodeCrypto());
}

/** A client whose storage and cryptography are counted. */
export interface CountedClient {
  readonly provider: MlsProvider;
  readonly storage: CountingStorage;
  readonly crypto: CountingCrypto;
  readonly signer: SignatureKeyPair;
  readonly identity: CredentialWithKey;
  keyPackage(): Promise<KeyPackage>;
}

/** A new client with an empty store. */
export async function countedClient(name: string): Promise<CountedClient> {
  const crypto = countingCrypto(platformCrypto());
  const storage = countingStorage(memoryStorage());
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(SUITE));
  const provider: MlsProvider = {
    crypto,
    storage,
    credentialValidator: { validate: async () => true }, // identities are not what is measured
  };
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const keyPackage = async (): Promise<KeyPackage> =>
    KeyPackage.builder().build(SUITE, provider, signer, identity);
  return { provider, storage, crypto, signer, identity, keyPackage };
}

/** A group as a member has it. */
export interface Membership {
  readonly client: CountedClient;
  readonly group: MlsGroup;
}

/** A group of so many members of whom the first and the last act. */
export interface FullGroup {
  readonly alice: Membership;
  readonly bob: { readonly client: CountedClient; readonly welcome: Uint8Array };
}

/** Makes a group with one member. */
export async function newGroup(client: CountedClient, config: Partial<MlsGroupConfig>): Promise<MlsGroup> {
  return MlsGroup.create(client.provider, client.signer, client.identity, { cipherSuite: SUITE, config });
}

/** Joins from a Welcome. */
export async function join(
  client: CountedClient,
  welcome: Uint8Array,
  config: Partial<MlsGroupConfig>,
): Promise<MlsGroup> {
  return (await StagedWelcome.fromWelcome(client.provider, welcome, { config })).intoGroup();
}

/** Merges a received commit. */
export async function follow(group: MlsGroup, commit: Uint8Array): Promise<void> {
  const processed = await group.processMessage(commit);
  if (processed.kind === "commit") {
    await group.mergeStagedCommit(processed.stagedCommit);
  }
}

/**
 * Makes a group in which no parent node is blank, but for those above `step` leaves that came together: each newest member adds
 * the next ones with a path of its own, and Alice, who was there first, follows. Signatures are believed meanwhile.
 * @param step members who come with one commit; 2 leaves no node blank
 */
export async function fullGroup(
  members: number,
  config: Partial<MlsGroupConfig>,
  step: number,
): Promise<FullGroup> {
  const alice = await countedClient("alice");
  alice.crypto.strict = false;
  const group = await newGroup(alice, config);
  let newest: Membership = { client: alice, group };
  for (let size = 1; ;) {
    const count = Math.min(step, members - size);
    const joining = await Promise.all(
      Array.from({ length: count }, async (_, i) => countedClient(`member ${size + i}`)),
    );
    const { commit, welcome } = await addAll(newest, joining);
    if (newest.group !== group) {
      await follow(group, commit);
    }
    size += count;
    const client = joining[joining.length - 1]!;
    if (size === members) {
      alice.crypto.strict = true;
      return { alice: { client: alice, group }, bob: { client, welcome } };
    }
    client.crypto.strict = false;
    newest = { client, group: await join(client, welcome, config) };
  }
}

async function addAll(
  { client, group }: Membership,
  joining: readonly CountedClient[],
): Promise<{ commit: Uint8Array; welcome: Uint8Array }> {
  const keyPackages = await Promise.all(joining.map(async (other) => other.keyPackage()));
  const { commit } = await group
    .commitBuilder()
    .addMembers(keyPackages)
    .forceSelfUpdate()
    .build(client.signer);
  const { welcome = new Uint8Array() } = await group.mergePendingCommit();
  return { commit, welcome };
}
