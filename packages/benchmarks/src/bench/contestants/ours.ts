import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import {
  type CryptoProvider,
  type MlsProvider,
  RESERVED_TABLES,
  type StorageProvider,
  utf8,
} from "@openmls-ts/traits";
import type { Contestant, Membership, Person } from "../contestant.ts";

/** What this library is measured with. */
export interface OurChoices {
  readonly name: string;
  readonly crypto: CryptoProvider;
  readonly cipherSuite: number;
  /** A new, empty store. */
  readonly storage: () => StorageProvider;
}

/** This library over the given providers. */
export function ours({ name, crypto, cipherSuite, storage }: OurChoices): Contestant {
  return { name, person: async (who) => person(who, crypto, cipherSuite, storage()) };
}

async function person(
  name: string,
  crypto: CryptoProvider,
  cipherSuite: number,
  storage: StorageProvider,
): Promise<Person> {
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(cipherSuite));
  const provider: MlsProvider = {
    crypto,
    storage,
    credentialValidator: { validate: async () => true }, // identities are not what is measured
  };
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const member = (group: MlsGroup): Membership => membership(group, signer, provider);
  return {
    keyPackage: async () =>
      (await KeyPackage.builder().build(cipherSuite, provider, signer, identity)).toMessage(),
    create: async () => member(await MlsGroup.create(provider, signer, identity, { cipherSuite })),
    join: async (welcome) => member(await (await StagedWelcome.fromWelcome(provider, welcome)).intoGroup()),
    joinByCommit: async (groupInfo) => {
      const join = await MlsGroup.joinByExternalCommit(provider, signer, {
        groupInfo,
        credentialWithKey: identity,
      });
      return { commit: join.commit, group: member(await join.intoGroup()) };
    },
  };
}

function membership(group: MlsGroup, signer: SignatureKeyPair, provider: MlsProvider): Membership {
  return {
    add: async (keyPackages) => {
      const { commit } = await group.addMembers(signer, keyPackages);
      const { welcome = new Uint8Array() } = await group.mergePendingCommit();
      return { commit, welcome };
    },
    update: async () => merged(group, await group.selfUpdate(signer)),
    remove: async (leafIndex) => merged(group, await group.removeMembers(signer, [leafIndex])),
    follow: async (commit) => {
      const processed = await group.processMessage(commit);
      if (processed.kind !== "commit") throw new Error(`a commit was read as ${processed.kind}`);
      await group.mergeStagedCommit(processed.stagedCommit);
    },
    encrypt: async (plaintext) => group.createMessage(signer, plaintext),
    decrypt: async (message) => {
      const processed = await group.processMessage(message);
      if (processed.kind !== "application") throw new Error(`a message was read as ${processed.kind}`);
      return processed.data;
    },
    groupInfo: async () => group.exportGroupInfo(signer),
    load: async () => MlsGroup.load(provider, group.groupId),
    storedBytes: async () => storedBytes(provider.storage, group.groupId),
  };
}

async function merged(group: MlsGroup, { commit }: { readonly commit: Uint8Array }): Promise<Uint8Array> {
  await group.mergePendingCommit();
  return commit;
}

/** Bytes of the values that a store keeps for a group. */
async function storedBytes(storage: StorageProvider, owner: Uint8Array): Promise<number> {
  let bytes = 0;
  for (const table of RESERVED_TABLES) {
    for (const { value } of await storage.list({ table, owner, id: new Uint8Array() })) bytes += value.length;
  }
  return bytes;
}
