import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage, type MemoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, hexToBytes, type MlsProvider, type StorageRecord, utf8 } from "@openmls-ts/traits";
import {
  exportGroup,
  importGroup,
  KeyPackage,
  MlsGroup,
  proposals,
  PublicGroup,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import { acceptEveryone, type Client, client, follow, joinFrom, keyPackageOf } from "./client.ts";

// Stores as a release wrote them, as text: what later releases must be able to go on with. All keys in them are of tests.

const crypto = nodeCrypto();
const config = { handshake: "public", maxPastEpochs: 2 } as const;
/** When golden stores were written, for their lifetimes: seconds since 1970. */
const NOW = 1_800_000_000n;

/** The stores of a golden file by name, and what else its story needs. */
export interface Golden {
  readonly stores: Readonly<Record<string, readonly StorageRecord[]>>;
  readonly facts: Readonly<Record<string, Uint8Array>>;
}

/** A provider over a store, at the time of the golden files. */
export function goldenProvider(storage: MemoryStorage): MlsProvider {
  return { crypto, storage, credentialValidator: acceptEveryone, clock: { now: () => NOW } };
}

/** A store with these records. */
export async function storeOf(records: readonly StorageRecord[]): Promise<MemoryStorage> {
  const storage = memoryStorage();
  await storage.write({ puts: records });
  return storage;
}

async function person(name: string): Promise<Client> {
  const made = await client(name, crypto, 1, { clock: { now: () => NOW } });
  await made.signer.store(made.storage);
  return made;
}

/**
 * Alice with something in every table: a commit of hers that waits, proposals, past epochs and skipped keys, PSKs, a key
 * package, a join from outside that waits. Bob in the same group, a copy of his state, and a service that follows it.
 */
export async function makeGolden(): Promise<Golden> {
  const [alice, bob, carol, service] = await Promise.all(["alice", "bob", "carol", "service"].map(person));
  const { signer, credentialWithKey, provider } = alice!;
  const groupId = utf8("golden");
  const a = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1, groupId, config });
  await a.addMembers(signer, [await keyPackageOf(bob!)]);
  const b = await joinFrom(bob!, (await a.mergePendingCommit()).welcome, config);
  const late: Uint8Array[] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    late.push(await b.createMessage(bob!.signer, utf8(`late ${epoch}`)));
    await a.processMessage(await b.createMessage(bob!.signer, utf8("in time")));
    const { commit } = await a.selfUpdate(signer);
    await a.mergePendingCommit();
    await follow(b, commit);
  }
  await PublicGroup.fromGroupInfo(service!.provider, await a.exportGroupInfo(signer));
  await a.propose(signer, proposals.update());
  const bobsProposal = await b.propose(bob!.signer, proposals.update());
  await a.processMessage(bobsProposal.message);
  await a.queueProposal(proposals.remove(1));
  await storeExternalPsk(alice!.storage, utf8("psk"), utf8("secret"));
  const groupInfo = await a.exportGroupInfo(signer);
  await MlsGroup.joinByExternalCommit(bob!.provider, bob!.signer, {
    groupInfo,
    credentialWithKey: bob!.credentialWithKey,
  });
  await a
    .commit()
    .addMembers([await keyPackageOf(carol!)])
    .includePendingProposals(false)
    .createGroupInfo()
    .build(signer);
  await keyPackageOf(alice!);
  const copy = memoryStorage();
  await importGroup({ ...bob!.provider, storage: copy }, await exportGroup(bob!.provider, groupId));
  return {
    stores: {
      alice: alice!.storage.entries(),
      bob: bob!.storage.entries(),
      carol: carol!.storage.entries(),
      service: service!.storage.entries(),
      copy: copy.entries(),
    },
    facts: { groupId, alice: signer.publicKey, bob: bob!.signer.publicKey, late: late[1]! },
  };
}

const line = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.map((part) => (typeof part === "string" ? part : `x${bytesToHex(part)}`)).join(" ");

/** One line a record: store, table, owner, id, value. */
export function writeGolden({ stores, facts }: Golden): string {
  return [
    ...Object.entries(facts).map(([name, value]) => line("fact", name, value)),
    ...Object.entries(stores).flatMap(([name, records]) =>
      records.map(({ key, value }) => line(name, key.table, key.owner, key.id, value)),
    ),
    "",
  ].join("\n");
}

/** What {@link writeGolden} wrote. */
export function readGolden(text: string): Golden {
  const facts: Record<string, Uint8Array> = {};
  const stores: Record<string, StorageRecord[]> = {};
  const bytes = (part = "x"): Uint8Array => hexToBytes(part.slice(1));
  for (const row of text.split("\n").filter((each) => each !== "")) {
    const [store = "", table = "", ...rest] = row.split(" ");
    if (store === "fact") {
      facts[table] = bytes(rest[0]);
    } else {
      (stores[store] ??= []).push({
        key: { table, owner: bytes(rest[0]), id: bytes(rest[1]) },
        value: bytes(rest[2]),
      });
    }
  }
  return { stores, facts };
}

/** Goes on with the story: what Alice, Carol, Bob and the service say in the end, each about the same epoch. */
export async function goOn({ stores, facts }: Golden): Promise<readonly string[]> {
  const { groupId, late, alice: alicesKey, bob: bobsKey } = facts as Record<string, Uint8Array>;
  const [alice, bob, carol, service] = await Promise.all(
    ["alice", "bob", "carol", "service"].map(async (name) =>
      goldenProvider(await storeOf(stores[name] ?? [])),
    ),
  );
  const suite = await crypto.cipherSuite(1);
  const signer = (await SignatureKeyPair.load(alice!.storage, suite, alicesKey!))!;
  const bobs = (await SignatureKeyPair.load(bob!.storage, suite, bobsKey!))!;
  const a = (await MlsGroup.load(alice!, groupId!))!;
  const b = (await MlsGroup.load(bob!, groupId!))!;
  const observer = (await PublicGroup.load(service!, groupId!))!;
  const opened = await a.processMessage(late!);
  const said = opened.kind === "application" ? new TextDecoder().decode(opened.data) : opened.kind;
  const commit = a.pendingCommitMessage!;
  const { welcome } = await a.mergePendingCommit();
  const c = await (await StagedWelcome.fromWelcome(carol!, welcome!, { config })).intoGroup();
  await follow(b, commit);
  const seen = await observer.processMessage(commit);
  if (seen.kind === "commit") await observer.mergeCommit(seen.stagedCommit);
  for (const message of [
    await a.createMessage(signer, utf8("hi")),
    await b.createMessage(bobs, utf8("hi")),
  ]) {
    for (const group of [a, b, c]) await group.processMessage(message);
  }
  const copy = stores["copy"];
  if (copy !== undefined) {
    const d = (await MlsGroup.load(goldenProvider(await storeOf(copy)), groupId!))!;
    await follow(d, commit);
    if (!d.isRestored || d.epoch !== a.epoch) throw new Error("the copy of Bob's is none any more");
  }
  const waiting = await MlsGroup.pendingExternalJoin(bob!, groupId!);
  return [
    said,
    ...[a, b, c].map((group) => `${group.epoch} ${bytesToHex(group.epochAuthenticator)}`),
    `${observer.epoch} ${bytesToHex(observer.confirmationTag)} ${bytesToHex(a.confirmationTag)}`,
    `${waiting?.epoch} ${await KeyPackage.count(alice!, 1)}`,
  ];
}
