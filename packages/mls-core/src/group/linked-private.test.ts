import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { customExtension, type LinkedGroup, lifetime, MlsGroup, proposals } from "../index.ts";
import { type Actor, actor, cast, CRYPTO } from "../testing/cast.ts";
import { type Client, joinFrom, keyPackageOf, ownerOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const PRIVATE = 0xf0ab;
const extensions = [{ extensionType: PRIVATE, extensionData: utf8("ours") }];
const setting = { provider: { features: [customExtension(PRIVATE)] } };
const note = { key: { table: "app", owner: utf8("a"), id: utf8("b") }, value: utf8("c") };

/** Alice and Bob in a group whose GroupContext has a private extension. */
async function withExtension(crypto: CryptoProvider): Promise<[Actor, Actor]> {
  const [alice, bob] = await cast(crypto, ["alice", "bob"], setting);
  const change = await (
    await alice!.group()
  )
    .commit()
    .groupContextExtensions(extensions)
    .build(alice!.signer);
  await (await alice!.group()).mergePendingCommit();
  await bob!.hear(change.commit);
  return [alice!, bob!];
}

async function inSuite2(person: Client): Promise<Client> {
  const signer = await SignatureKeyPair.generate(await person.provider.crypto.cipherSuite(2));
  const credentialWithKey = { ...person.credentialWithKey, signatureKey: signer.publicKey };
  return { ...person, suite: 2, signer, credentialWithKey };
}

/** That all go on in the new group, from their stores. */
async function goesOn({ group, welcome }: LinkedGroup, from: Client, to: Client): Promise<void> {
  await joinFrom(to, welcome);
  const [one, other] = [from, to].map((who) => actor(who, () => group.groupId)) as [Actor, Actor];
  expect((await one.group()).extensions).toEqual(extensions);
  expect(await other.hear(await one.say("moved"))).toMatchObject({ data: utf8("moved") });
  await other.hear(await one.turn());
  expect((await other.group()).epochAuthenticator).toEqual((await one.group()).epochAuthenticator);
}

describe.each(CRYPTO)("groups that continue one with a private extension (%s)", (_, crypto) => {
  const leaf = {
    capabilities: { proposals: [0xf0ac], extensions: [0xf0ad] },
    leafNodeExtensions: [{ extensionType: PRIVATE, extensionData: utf8("leaf") }],
    lifetime: lifetime({ days: 3 }),
  };

  it("branch, with capabilities, leaf extensions and lifetime of their own", async () => {
    const [alice, bob] = await withExtension(crypto);
    const linked = await (
      await alice.group()
    ).branch({
      ...ownerOf(alice),
      ...leaf,
      keyPackages: [await keyPackageOf(bob)],
      alsoWrite: () => ({ puts: [note] }),
    });
    expect(await alice.storage.get(note.key)).toEqual(note.value);
    const own = linked.group.ownLeafNode;
    expect(own.extensions).toContainEqual(leaf.leafNodeExtensions[0]);
    expect(own.capabilities.extensions).toEqual(expect.arrayContaining([PRIVATE, 0xf0ad]));
    const [member] = linked.group.members();
    expect(member!.capabilities).toEqual(own.capabilities);
    expect(member!.capabilities.proposals).toContain(0xf0ac);
    await goesOn(linked, alice, bob);
  });

  it("reinitialise after the ReInit was committed, under another suite and key", async () => {
    const [alice, bob] = await withExtension(crypto);
    const next = { groupId: utf8("next"), cipherSuite: 2, extensions };
    const reinit = await (await alice.group()).commit().propose(proposals.reinit(next)).build(alice.signer);
    await (await alice.group()).mergePendingCommit();
    await bob.hear(reinit.commit);
    const [alice2, bob2] = [await inSuite2(alice), await inSuite2(bob)];
    const keyPackages = [await keyPackageOf(alice2)];
    const linked = await (await bob.group()).reinitialize({ ...ownerOf(bob2), ...leaf, keyPackages });
    expect(linked.group.ownLeafNode.signatureKey).toEqual(bob2.signer.publicKey);
    expect((await bob.group()).status).toBe("reinitialized");
    await goesOn(linked, bob2, alice2);
  });

  it("say which signer is in force after a merge", async () => {
    const [alice, bob] = await withExtension(crypto);
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const { credential } = alice.credentialWithKey;
    const update = await (
      await alice.group()
    ).selfUpdate(alice.signer, { credentialWithKey: { credential, signatureKey: signer.publicKey } }, signer);
    expect((await alice.group()).ownLeafNode.signatureKey).toEqual(alice.signer.publicKey);
    await (await alice.group()).mergePendingCommit();
    await bob.hear(update.commit);
    const group = await alice.group();
    expect(group.ownLeafNode.signatureKey).toEqual(signer.publicKey);
    await expect(group.createMessage(alice.signer, utf8("old key"))).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
    expect(await bob.hear(await group.createMessage(signer, utf8("new key")))).toMatchObject({
      data: utf8("new key"),
    });
  });
});

describe("a group that continues another one", () => {
  it("is not made for a client that lacks the extension, and leaves nothing behind", async () => {
    const [alice, bob] = await withExtension(CRYPTO[0]![1]);
    const { features: _, ...plain } = bob.provider;
    const keyPackages = [await keyPackageOf({ ...bob, provider: plain })];
    const before = alice.storage.entries();
    await expect(
      (await alice.group()).branch({ ...ownerOf(alice), keyPackages, alsoWrite: () => ({ puts: [note] }) }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION"));
    expect(alice.storage.entries()).toEqual(before);
    expect(await MlsGroup.list(alice.provider)).toHaveLength(1);
  });
});
