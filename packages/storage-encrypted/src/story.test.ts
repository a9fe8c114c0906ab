import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import type { CredentialWithKey } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import type { MlsProvider, Signer } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { encryptedStorage } from "./index.ts";
import { someBytes } from "./testing/keys.ts";

interface Person {
  readonly inner: MemoryStorage;
  readonly provider: MlsProvider;
  readonly signer: Signer;
  readonly owner: CredentialWithKey;
}

const crypto = nodeCrypto();

async function providerOn(inner: MemoryStorage): Promise<MlsProvider> {
  const storage = await encryptedStorage(inner, someBytes());
  return { crypto, storage, credentialValidator: { validate: async () => true } };
}

async function person(name: string): Promise<Person> {
  const inner = memoryStorage();
  const provider = await providerOn(inner);
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  await signer.store(provider.storage);
  return {
    inner,
    provider,
    signer,
    owner: { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey },
  };
}

function traces(inner: MemoryStorage): string {
  return inner
    .entries()
    .map(
      ({ key, value }) =>
        `${bytesToHex(utf8(key.table))} ${bytesToHex(key.owner)} ${bytesToHex(key.id)} ${bytesToHex(value)}`,
    )
    .join("\n");
}

it("a group lives in an encrypted store, and nothing of it can be read there", async () => {
  const alice = await person("alice of the story");
  const bob = await person("bob of the story");
  const alices = await MlsGroup.create(alice.provider, alice.signer, alice.owner, { cipherSuite: 1 });
  await alices.addMembers(alice.signer, [
    await KeyPackage.builder().build(1, bob.provider, bob.signer, bob.owner),
  ]);
  const { welcome } = await alices.mergePendingCommit();
  const bobs = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();

  const hello = await alices.createMessage(alice.signer, utf8("hello"));
  expect(await bobs.processMessage(hello)).toMatchObject({ kind: "application", data: utf8("hello") });

  // Another process opens Bob's store, while its key is replaced.
  const restarted = await providerOn(bob.inner);
  const again = await MlsGroup.load(restarted, bobs.groupId);
  await expect(again!.processMessage(hello)).rejects.toMatchObject({ code: "ERR_MLS_SECRET_CONSUMED" });
  const [answer] = await Promise.all([
    again!.createMessage(bob.signer, utf8("hi")),
    encryptedStorage(bob.inner, someBytes()).then(async (store) => store.rotate()),
  ]);
  expect(await alices.processMessage(answer)).toMatchObject({ kind: "application", data: utf8("hi") });
  const { commit } = await again!.selfUpdate(bob.signer);
  const processed = await alices.processMessage(commit);
  expect(processed.kind).toBe("commit");
  if (processed.kind === "commit") {
    await alices.mergeStagedCommit(processed.stagedCommit);
  }
  await again!.mergePendingCommit();
  expect(again!.epochAuthenticator).toEqual(alices.epochAuthenticator);

  for (const { inner } of [alice, bob]) {
    const found = traces(inner);
    for (const known of [
      utf8("of the story"),
      utf8("tree_node"),
      utf8("message_key"),
      utf8("group_revision"),
      alices.groupId,
      alice.owner.signatureKey,
      bob.owner.signatureKey,
    ]) {
      expect(found).not.toContain(bytesToHex(known));
    }
  }
});

it("a known record and its names are nowhere in the inner store, nor do two writings of it look alike", async () => {
  const inner = memoryStorage();
  const store = await encryptedStorage(inner, someBytes());
  const key = { table: "the_table", owner: utf8("the owner"), id: utf8("the identifier") };
  const put = { puts: [{ key, value: utf8("the plaintext of the record") }] };
  await store.write(put);
  const first = inner.entries().map(({ value }) => bytesToHex(value.subarray(0, 28)));
  await store.write(put);
  const second = inner.entries().map(({ value }) => bytesToHex(value.subarray(0, 28)));
  expect(first.filter((start) => second.includes(start))).toHaveLength(1); // the header
  for (const word of ["the_table", "owner", "identifier", "plaintext"]) {
    expect(traces(inner)).not.toContain(bytesToHex(utf8(word)));
  }
});
