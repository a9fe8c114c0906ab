import { MlsGroup } from "@openmls-ts/mls-core";
import { utf8 } from "@openmls-ts/traits";
import type { CryptoCost } from "./counting-crypto.ts";
import type { StorageCost } from "./counting-storage.ts";
import { countedClient, follow, fullGroup, join, newGroup } from "./full-group.ts";
import type { CountedClient } from "./full-group.ts";

/** What one operation asked of storage and cryptography. */
export type Cost = StorageCost & CryptoCost;

/** In the order in which they are shown. */
export const OPERATIONS = [
  "create a key package",
  "create a group",
  "join",
  "load",
  "build a commit",
  "merge an own commit",
  "process a commit",
  "merge a received commit",
  "build an add",
  "merge an own add",
  "build a remove",
  "merge an own remove",
  "send, first of the epoch",
  "send",
  "receive, first of a sender",
  "receive",
] as const;

/** One of {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** What each operation costs in one group. */
export type Costs = Readonly<Record<Operation, Cost>>;

/** Epochs before anything is measured: resumption PSKs and past epochs are kept for fewer than these. */
const SETTLING = 20;

const TEXT = utf8("a message of always the same length");

/**
 * Counts what the operations of one member cost.
 * @param members of the group, 2 or more
 * @param pastEpochs that a member keeps
 * @param step see `fullGroup`
 */
export async function measureCosts(members: number, pastEpochs: number, step = 2): Promise<Costs> {
  const costs = new Map<Operation, Cost>();
  const config = { maxPastEpochs: pastEpochs };
  const { alice, bob } = await fullGroup(members, config, step);
  const a = alice.group;
  const { signer } = alice.client;

  async function count<T>(client: CountedClient, operation: Operation, run: () => Promise<T>): Promise<T> {
    client.storage.take();
    client.crypto.take();
    const result = await run();
    costs.set(operation, { ...client.storage.take(), ...client.crypto.take() });
    return result;
  }

  const b = await count(bob.client, "join", async () => join(bob.client, bob.welcome, config));
  for (let i = 0; i < SETTLING; i++) {
    const [mine, theirs, owner] = i % 2 === 0 ? [b, a, bob.client] : [a, b, alice.client];
    const { commit } = await mine.selfUpdate(owner.signer);
    await mine.mergePendingCommit();
    await follow(theirs, commit);
  }

  const own = await count(alice.client, "build a commit", async () => a.selfUpdate(signer));
  await count(alice.client, "merge an own commit", async () => a.mergePendingCommit());
  await follow(b, own.commit);

  const { commit } = await b.selfUpdate(bob.client.signer);
  await b.mergePendingCommit();
  const processed = await count(alice.client, "process a commit", async () => a.processMessage(commit));
  if (processed.kind !== "commit") {
    throw new Error(`a commit was read as ${processed.kind}`);
  }
  await count(alice.client, "merge a received commit", async () =>
    a.mergeStagedCommit(processed.stagedCommit),
  );

  const carol = await countedClient("carol");
  const keyPackage = await count(carol, "create a key package", async () => carol.keyPackage());
  const added = await count(alice.client, "build an add", async () => a.addMembers(signer, [keyPackage]));
  await count(alice.client, "merge an own add", async () => a.mergePendingCommit());
  await follow(b, added.commit);
  const leaf =
    a.members().find(({ signatureKey }) => equal(signatureKey, carol.signer.publicKey))?.leafIndex ?? -1;
  const removed = await count(alice.client, "build a remove", async () => a.removeMembers(signer, [leaf]));
  await count(alice.client, "merge an own remove", async () => a.mergePendingCommit());
  await follow(b, removed.commit);

  for (const operation of ["send, first of the epoch", "send"] as const) {
    await count(alice.client, operation, async () => a.createMessage(signer, TEXT));
  }
  for (const operation of ["receive, first of a sender", "receive"] as const) {
    const message = await b.createMessage(bob.client.signer, TEXT);
    await count(alice.client, operation, async () => a.processMessage(message));
  }
  await count(alice.client, "load", async () => MlsGroup.load(alice.client.provider, a.groupId));
  const dave = await countedClient("dave");
  await count(dave, "create a group", async () => newGroup(dave, config));
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, costs.get(operation)!])) as Costs;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
