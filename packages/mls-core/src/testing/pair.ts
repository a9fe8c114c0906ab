import { nodeCrypto } from "@openmls-ts/crypto-node";
import type { MlsProvider } from "@openmls-ts/traits";
import { MlsGroup, type MlsGroupConfig } from "../index.ts";
import type { Extension } from "../wire/index.ts";
import { type Client, client, joinFrom, keyPackageOf } from "./client.ts";

const crypto = nodeCrypto();

/** Two members of one group, each of which can be loaded again from its store. */
export interface Pair {
  readonly alice: Client;
  readonly bob: Client;
  a: MlsGroup;
  b: MlsGroup;
}

/** Alice and Bob in one group, with the same parts of their providers. */
export async function pair(
  provider: Partial<MlsProvider> = {},
  {
    extensions = [],
    config = {},
  }: { extensions?: readonly Extension[]; config?: Partial<MlsGroupConfig> } = {},
): Promise<Pair> {
  const [alice, bob] = [await client("alice", crypto, 1, provider), await client("bob", crypto, 1, provider)];
  const creation = { cipherSuite: 1, extensions, config };
  const a = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, creation);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  return { alice, bob, a, b: await joinFrom(bob, (await a.mergePendingCommit()).welcome, config) };
}

/** Goes on with what the stores have, as after a restart. */
export async function restart(two: Pair): Promise<void> {
  const { groupId } = two.a;
  const [a, b] = await Promise.all(
    [two.alice, two.bob].map(async ({ provider }) => MlsGroup.load(provider, groupId)),
  );
  two.a = a!;
  two.b = b!;
}
