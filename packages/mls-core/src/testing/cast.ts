import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { type CryptoProvider, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { MlsGroup, type MlsGroupConfig, type ProcessedMessage } from "../index.ts";
import { type Client, client, createGroup, joinFrom, keyPackageOf } from "./client.ts";

/** The three crypto providers, for scenarios that all of them play. */
export const CRYPTO: readonly (readonly [string, CryptoProvider])[] = [
  ["node", nodeCrypto()],
  ["web", webCrypto()],
  ["noble", nobleCrypto()],
];

/** Somebody whose group is loaded again from the store for every step, as after a restart. */
export interface Actor extends Client {
  group(): Promise<MlsGroup>;
  /** Sends an application message. */
  say(text: string): Promise<Uint8Array>;
  /** Takes in a message; a commit is merged. */
  hear(message: Uint8Array): Promise<ProcessedMessage>;
  /** Replaces the own keys, and merges that. @returns the commit */
  turn(): Promise<Uint8Array>;
}

/** What a scenario is played with. */
export interface Setting {
  readonly config?: Partial<MlsGroupConfig>;
  readonly provider?: Partial<MlsProvider>;
}

/** A client that plays a part in a group. @param groupId asked for when the group is needed */
export function actor(who: Client, groupId: () => Uint8Array): Actor {
  const group = async (): Promise<MlsGroup> => {
    const loaded = await MlsGroup.load(who.provider, groupId());
    if (loaded === undefined) throw new Error(`${who.name} is in no such group`);
    return loaded;
  };
  return {
    ...who,
    group,
    say: async (text) => (await group()).createMessage(who.signer, utf8(text)),
    hear: async (message) => {
      const loaded = await group();
      const processed = await loaded.processMessage(message);
      if (processed.kind === "commit") await loaded.mergeStagedCommit(processed.stagedCommit);
      return processed;
    },
    turn: async () => {
      const { commit } = await (await group()).selfUpdate(who.signer);
      await (await group()).mergePendingCommit();
      return commit;
    },
  };
}

/** Some people in one group of the first one's. */
export async function cast(
  crypto: CryptoProvider,
  names: readonly string[],
  { config = {}, provider = {} }: Setting = {},
): Promise<Actor[]> {
  const people = await Promise.all(names.map(async (name) => client(name, crypto, 1, provider)));
  const [first, ...others] = people;
  const group = await createGroup(first!, config);
  await group.addMembers(first!.signer, await Promise.all(others.map(keyPackageOf)));
  const { welcome } = await group.mergePendingCommit();
  for (const other of others) await joinFrom(other, welcome, config);
  return people.map((who) => actor(who, () => group.groupId));
}
