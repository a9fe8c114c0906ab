import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToKey, type CryptoProvider } from "@openmls-ts/traits";
import type { MlsGroup, MlsGroupConfig } from "../index.ts";
import { type Client, client, createGroup, joinFrom, keyPackageOf } from "./client.ts";
import { FaultyStorage } from "./faulty-storage.ts";
import { observedCrypto } from "./observed-crypto.ts";

/** Alice, whose store may fail, and Bob, whose store does not, in one group. */
export interface Scene {
  readonly alice: Client;
  readonly disk: FaultyStorage;
  /** The AEAD keys that were used to seal, in order. */
  readonly sealed: string[];
  readonly bob: Client;
  readonly a: MlsGroup;
  readonly b: MlsGroup;
}

/** A client on a {@link FaultyStorage}. */
export async function clientWithDisk(
  name: string,
  crypto: CryptoProvider,
): Promise<{ readonly owner: Client; readonly disk: FaultyStorage }> {
  const storage = memoryStorage();
  const disk = new FaultyStorage(storage);
  const plain = await client(name, crypto);
  return { owner: { ...plain, storage, provider: { ...plain.provider, storage: disk } }, disk };
}

export async function scene(crypto: CryptoProvider, config: Partial<MlsGroupConfig> = {}): Promise<Scene> {
  const sealed: string[] = [];
  const observed = observedCrypto(crypto, { seal: (key) => sealed.push(bytesToKey(key)) });
  const { owner: alice, disk } = await clientWithDisk("alice", observed);
  const bob = await client("bob", crypto);
  const a = await createGroup(alice, config);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const { welcome } = await a.mergePendingCommit();
  const b = await joinFrom(bob, welcome, { maxPastEpochs: 3 });
  return { alice, disk, sealed, bob, a, b };
}
