// `npm run benchmark:groups [-- members…]`: what a group of so many members costs one of them, in ms (median) and bytes.
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type MlsProvider, utf8 } from "@openmls-ts/traits";

const rounds = 5;
const messages = 50;
const crypto = nodeCrypto();
const suite = await crypto.cipherSuite(1);

async function person(name: string) {
  const signer = await SignatureKeyPair.generate(suite);
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true }, // identities are not what is measured
  };
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const keyPackage = async (): Promise<KeyPackage> =>
    KeyPackage.builder().build(suite.id, provider, signer, identity);
  return { provider, signer, identity, keyPackage };
}

const times = new Map<string, number[]>();

/** Runs and times a step of the story under a name. */
async function timed<T>(name: string, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await step();
  times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  return result;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Alice makes a group of `members`, of whom Bob is the last, and both work in it. */
async function story(members: number): Promise<Record<string, string>> {
  times.clear();
  const alice = await person("alice");
  const bob = await person("bob");
  const keyPackages: KeyPackage[] = [];
  for (let i = 0; i < members - 2; i++) {
    keyPackages.push(await (await person(`member ${i}`)).keyPackage());
  }
  keyPackages.push(await bob.keyPackage());
  const a = await MlsGroup.create(alice.provider, alice.signer, alice.identity, { cipherSuite: suite.id });
  await timed("add all", async () => a.addMembers(alice.signer, keyPackages));
  const { welcome = new Uint8Array() } = await timed("merge that", async () => a.mergePendingCommit());
  const b = await timed("join", async () =>
    (await StagedWelcome.fromWelcome(bob.provider, welcome)).intoGroup(),
  );
  let size = 0;
  for (let round = 0; round < rounds; round++) {
    const { commit } = await timed("update own keys", async () => a.selfUpdate(alice.signer));
    size = commit.length;
    await timed("merge own commit", async () => a.mergePendingCommit());
    const processed = await timed("process a commit", async () => b.processMessage(commit));
    if (processed.kind === "commit") {
      await timed("merge it", async () => b.mergeStagedCommit(processed.stagedCommit));
    }
  }
  for (let i = 0; i < messages; i++) {
    const message = await timed("send", async () => a.createMessage(alice.signer, utf8("Hello, Bob")));
    await timed("receive", async () => b.processMessage(message));
  }
  await timed("load", async () => MlsGroup.load(bob.provider, b.groupId));
  const row = Object.fromEntries([...times].map(([name, values]) => [name, median(values).toFixed(2)]));
  return { ...row, "Welcome, bytes": String(welcome.length), "commit, bytes": String(size) };
}

const sizes = process.argv.slice(2).map(Number);
const table: Record<string, Record<string, string>> = {};
for (const members of sizes.length > 0 ? sizes : [10, 100, 1000]) {
  for (const [operation, value] of Object.entries(await story(members))) {
    table[operation] = { ...table[operation], [`${members} members`]: value };
  }
}
console.log(`crypto-node, cipher suite 1, Node.js ${process.version}: ms (median), unless it says bytes`);
console.table(table);
