// `pnpm encrypted-costs [--members N] [--messages N]`: what storage-encrypted adds to a store: milliseconds of opening the store,
// loading a group, sending and receiving a message, and the records and bytes of a message's write.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { bytesKey, encryptedStorage } from "@openmls-ts/storage-encrypted";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { type MlsProvider, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { countingStorage } from "./storage-costs/counting-storage.ts";

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "100" },
    messages: { type: "string", default: "300" },
  },
});
const [members, messages] = [Number(values.members), Number(values.messages)];
const crypto = nodeCrypto();
const suite = await crypto.cipherSuite(1);

async function client(name: string, storage: StorageProvider) {
  const signer = await SignatureKeyPair.generate(suite);
  const provider: MlsProvider = { crypto, storage, credentialValidator: { validate: async () => true } };
  return {
    provider,
    signer,
    owner: { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey },
  };
}

/** Milliseconds a call takes, on average. */
async function time(calls: number, call: (at: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let at = 0; at < calls; at++) await call(at);
  return (performance.now() - started) / calls;
}

/** @param over what is measured, over a store that counts */
async function measure(
  name: string,
  inner: StorageProvider,
  over: (store: StorageProvider) => Promise<StorageProvider>,
) {
  const counted = countingStorage(inner);
  const [alice, bob] = [await client("alice", memoryStorage()), await client("bob", await over(counted))];
  const a = await MlsGroup.create(alice.provider, alice.signer, alice.owner, { cipherSuite: 1 });
  const packages: KeyPackage[] = [];
  for (let at = 1; at < members; at++) {
    const { provider, signer, owner } = at === 1 ? bob : await client(`m${at}`, memoryStorage());
    packages.push(await KeyPackage.builder().build(1, provider, signer, owner));
  }
  await a.addMembers(alice.signer, packages);
  const { welcome } = await a.mergePendingCommit();
  const b = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
  const sent: Uint8Array[] = [];
  for (let at = 0; at <= messages; at++) sent.push(await a.createMessage(alice.signer, utf8(`${at}`)));
  await b.processMessage(sent[0]!);
  await b.createMessage(bob.signer, utf8("first"));
  const receive = await time(messages, async (at) => b.processMessage(sent[at + 1]!));
  counted.take();
  const send = await time(messages, async () => b.createMessage(bob.signer, utf8("hello")));
  const { recordsWritten, bytesWritten } = counted.take();
  const open = await time(20, async () => over(counted));
  const load = await time(20, async () =>
    MlsGroup.load({ ...bob.provider, storage: await over(counted) }, b.groupId),
  );
  const ms = (value: number): string => value.toFixed(2);
  return {
    store: name,
    "open, ms": ms(open),
    "open and load, ms": ms(load),
    "send, ms": ms(send),
    "receive, ms": ms(receive),
    "records a message": Math.round(recordsWritten / messages),
    "bytes a message": Math.round(bytesWritten / messages),
  };
}

const folder = mkdtempSync(join(tmpdir(), "encrypted-costs-"));
const [plain, sealed] = [sqliteStorage(join(folder, "plain.db")), sqliteStorage(join(folder, "sealed.db"))];
const key = bytesKey(new Uint8Array(32).fill(1));
const same = async (store: StorageProvider): Promise<StorageProvider> => store;
const encrypted = async (store: StorageProvider): Promise<StorageProvider> => encryptedStorage(store, key);
console.log(`a group of ${members}, ${messages} messages each way`);
console.table([
  await measure("memory", memoryStorage(), same),
  await measure("encrypted over memory", memoryStorage(), encrypted),
  await measure("SQLite", plain, same),
  await measure("encrypted over SQLite", sealed, encrypted),
]);
plain.close();
sealed.close();
rmSync(folder, { recursive: true });
