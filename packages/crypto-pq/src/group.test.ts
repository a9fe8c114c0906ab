import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { PQ_SUITE_NAMES, postQuantumSuites, subtleEngine } from "./index.ts";
import { nodeEngine } from "./node.ts";

const ids = Object.fromEntries(PQ_SUITE_NAMES.map((name, index) => [name, 0xf001 + index]));
const providers: Readonly<Record<string, CryptoProvider>> = {
  noble: nobleCrypto({ suites: postQuantumSuites({ ids }) }),
  node: nodeCrypto({ suites: postQuantumSuites({ ids, engine: nodeEngine }) }),
  webcrypto: webCrypto({ suites: postQuantumSuites({ ids, engine: subtleEngine() }) }),
};

async function newPerson(name: string, crypto: CryptoProvider, suite: number) {
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
  };
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const keyPackage = async () => KeyPackage.builder().build(suite, provider, signer, identity);
  return { provider, signer, identity, keyPackage };
}

async function reloaded(provider: MlsProvider, group: MlsGroup): Promise<MlsGroup> {
  return (await MlsGroup.load(provider, group.groupId))!;
}

async function follow(group: MlsGroup, commit: Uint8Array): Promise<void> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") throw new Error(processed.kind);
  await group.mergeStagedCommit(processed.stagedCommit);
}

describe.each(Object.entries(providers))("a group over crypto-%s", (_, crypto) => {
  it.each(PQ_SUITE_NAMES)("%s: adds, talks, updates, removes, joins by commit, loads", async (name) => {
    const suite = ids[name]!;
    const alice = await newPerson("alice", crypto, suite);
    const bob = await newPerson("bob", crypto, suite);
    const carol = await newPerson("carol", crypto, suite);
    let a = await MlsGroup.create(alice.provider, alice.signer, alice.identity, { cipherSuite: suite });
    await a.addMembers(alice.signer, [await bob.keyPackage(), await carol.keyPackage()]);
    a = await reloaded(alice.provider, a);
    const { welcome } = await a.mergePendingCommit();
    let b = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
    let c = await (await StagedWelcome.fromWelcome(carol.provider, welcome!)).intoGroup();
    const restart = async (): Promise<void> => {
      [a, b, c] = await Promise.all([
        reloaded(alice.provider, a),
        reloaded(bob.provider, b),
        reloaded(carol.provider, c),
      ]);
    };
    await restart();

    const message = await b.createMessage(bob.signer, utf8("hello"));
    await restart();
    expect(await a.processMessage(message)).toMatchObject({ kind: "application", data: utf8("hello") });
    await restart();

    const { commit } = await b.selfUpdate(bob.signer);
    await restart();
    await b.mergePendingCommit();
    await follow(a, commit);
    await follow(c, commit);
    await restart();

    const leaf = a
      .members()
      .find(({ signatureKey }) => signatureKey.every((octet, i) => octet === carol.signer.publicKey[i]))!;
    const removal = await a.removeMembers(alice.signer, [leaf.leafIndex]);
    await a.mergePendingCommit();
    await follow(b, removal.commit);
    await follow(c, removal.commit);
    expect(await MlsGroup.load(carol.provider, a.groupId)).toBeUndefined();
    [a, b] = [await reloaded(alice.provider, a), await reloaded(bob.provider, b)];

    const groupInfo = await a.exportGroupInfo(alice.signer);
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo,
      credentialWithKey: carol.identity,
    });
    const stored = await MlsGroup.pendingExternalJoin(carol.provider, a.groupId);
    const again = await stored!.intoGroup();
    await follow(a, join.commit);
    await follow(b, join.commit);
    const greeting = await again.createMessage(carol.signer, utf8("back"));
    for (const group of [await reloaded(alice.provider, a), await reloaded(bob.provider, b)]) {
      expect(await group.processMessage(greeting)).toMatchObject({ data: utf8("back") });
    }
    const states = [a, b, again, await reloaded(bob.provider, b)];
    expect(new Set(states.map((group) => String(group.epochAuthenticator))).size).toBe(1);
    expect(a.epoch).toBe(4n);
  });
});
