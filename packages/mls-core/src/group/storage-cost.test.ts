import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import { type Client, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import type { FaultyStorage } from "../testing/faulty-storage.ts";
import { countTables } from "../testing/history/checks.ts";
import { observedCrypto } from "../testing/observed-crypto.ts";
import { clientWithDisk } from "../testing/scene.ts";

const text = utf8("a message of always the same length");
const SIZES = [8, 128] as const;
const LEVELS = { 8: 3, 128: 7 } as const; // of parents above a leaf

/** A group of n of whom Alice and Bob act, with counters on what Alice stores and computes. */
interface Group {
  readonly alice: Client;
  readonly disk: FaultyStorage;
  readonly bob: Client;
  readonly a: MlsGroup;
  readonly b: MlsGroup;
  readonly work: { verified: number; hashed: number };
  /** What Bob wrote when he joined. */
  readonly joining: Cost;
}

interface Cost {
  readonly writes: number;
  readonly records: number;
  readonly bytes: number;
}

async function groupOf(n: number): Promise<Group> {
  const work = { verified: 0, hashed: 0 };
  const plain = nodeCrypto();
  const observed = observedCrypto(plain, { verify: () => work.verified++, hash: () => work.hashed++ });
  const { owner: alice, disk } = await clientWithDisk("alice", observed);
  const { owner: bob, disk: bobsDisk } = await clientWithDisk("bob", plain);
  const others = await Promise.all(
    Array.from({ length: n - 2 }, async (_, i) => keyPackageOf(await client(`member ${i}`, plain))),
  );
  const a = await createGroup(alice, { maxPastEpochs: 3 });
  await a.addMembers(alice.signer, [...others, await keyPackageOf(bob)]);
  const { welcome } = await a.mergePendingCommit();
  let b: MlsGroup | undefined;
  const joining = await costOf(bobsDisk, async () => {
    b = await joinFrom(bob, welcome);
  });
  const { commit } = await b!.selfUpdate(bob.signer); // no node above the two is blank from here on
  await b!.mergePendingCommit();
  await follow(a, commit);
  return { alice, disk, bob, a, b: b!, work, joining };
}

async function costOf(disk: FaultyStorage, operation: () => Promise<unknown>): Promise<Cost> {
  disk.resetCounts();
  await operation();
  const { writes, records, bytes } = disk;
  return { writes, records, bytes };
}

describe("what an operation writes, in a group of 8 and one of 128", () => {
  const groups = new Map<number, Group>();
  beforeAll(async () => {
    for (const n of SIZES) {
      groups.set(n, await groupOf(n));
    }
  });

  /** The cost of one operation in both groups; each is one write. */
  async function costs(
    operation: (group: Group) => Promise<() => Promise<unknown>>,
  ): Promise<readonly [Cost, Cost]> {
    const measured: Cost[] = [];
    for (const n of SIZES) {
      const group = groups.get(n)!;
      const prepared = await operation(group);
      const cost = await costOf(group.disk, prepared);
      expect(cost.writes).toBe(1);
      measured.push(cost);
    }
    return measured as unknown as readonly [Cost, Cost];
  }

  /** At most `per` records more for each level of the tree, of a bounded size. */
  function expectLogarithmic([few, many]: readonly [Cost, Cost], per: number): void {
    const records = per * (LEVELS[128] - LEVELS[8]);
    expect(many.records - few.records).toBeLessThanOrEqual(records);
    expect(many.bytes - few.bytes).toBeLessThanOrEqual(records * 200);
  }

  it("the first message of an epoch: a bit more in the larger", async () => {
    const [few, many] = await costs(
      async ({ a, alice }) =>
        async () =>
          a.createMessage(alice.signer, text),
    );
    expectLogarithmic([few, many], 1);
  });

  it("any further message: the same in both", async () => {
    const [few, many] = await costs(
      async ({ a, alice }) =>
        async () =>
          a.createMessage(alice.signer, text),
    );
    expect(many).toEqual(few);
    expect(few.records).toBeLessThanOrEqual(3);
    expect(few.bytes).toBeLessThan(200);
  });

  it("the first message read of a sender: a bit more in the larger", async () => {
    const costsOfReading = await costs(async ({ a, b, bob }) => {
      const message = await b.createMessage(bob.signer, text);
      return async () => a.processMessage(message);
    });
    expectLogarithmic(costsOfReading, 1);
  });

  it("any further message read: the same in both", async () => {
    const [few, many] = await costs(async ({ a, b, bob }) => {
      const message = await b.createMessage(bob.signer, text);
      return async () => a.processMessage(message);
    });
    expect(many).toEqual(few);
    expect(few.records).toBeLessThanOrEqual(3);
    expect(few.bytes).toBeLessThan(200);
  });

  it("sending and reading a proposal: nearly the same in both", async () => {
    const sending = await costs(
      async ({ a, alice }) =>
        async () =>
          a.propose(alice.signer, proposals.update()),
    );
    expectLogarithmic(sending, 0);
    const reading = await costs(async ({ a, b, bob }) => {
      const { message } = await b.propose(bob.signer, proposals.update());
      return async () => a.processMessage(message);
    });
    expectLogarithmic(reading, 1); // Bob's first message of this kind
  });

  it("merging an own and a received commit: a few records for each level", async () => {
    const received = await costs(async ({ a, b, bob }) => {
      const { commit } = await b
        .commitBuilder()
        .includePendingProposals(false)
        .forceSelfUpdate()
        .build(bob.signer);
      await b.mergePendingCommit();
      const processed = await a.processMessage(commit);
      return async () => {
        if (processed.kind === "commit") {
          await a.mergeStagedCommit(processed.stagedCommit);
        }
      };
    });
    expectLogarithmic(received, 2);
    const own = await costs(async ({ a, b, alice }) => {
      const { commit } = await a.selfUpdate(alice.signer);
      await follow(b, commit);
      return async () => a.mergePendingCommit();
    });
    expectLogarithmic(own, 2); // a node and its private key
    expect(own[0].records).toBeLessThan(40);
  });

  it("joining: in proportion to the size, once", () => {
    const [few, many] = SIZES.map((n) => groups.get(n)!.joining);
    expect([few!.writes, many!.writes]).toEqual([1, 1]);
    expect(many!.records / few!.records).toBeLessThan(16);
    expect(many!.bytes / few!.bytes).toBeLessThan(20);
  });

  it("loading verifies no signature and computes no tree hash, also while a commit is pending", async () => {
    const hashed: number[] = [];
    for (const n of SIZES) {
      const { a, alice, work } = groups.get(n)!;
      await a.selfUpdate(alice.signer);
      work.verified = 0;
      work.hashed = 0;
      const loaded = await MlsGroup.load(alice.provider, a.groupId);
      hashed.push(work.hashed);
      expect(work.verified).toBe(0);
      expect(loaded!.epochAuthenticator).toEqual(a.epochAuthenticator);
      await loaded!.mergePendingCommit();
      expect(work.verified).toBe(0);
      expect(work.hashed).toBeLessThanOrEqual(2 * hashed.at(-1)!);
      groups.set(n, { ...groups.get(n)!, a: loaded! });
    }
    expect(hashed[1]).toBe(hashed[0]);
    expect(hashed[0]).toBeLessThanOrEqual(2); // the transcripts of the epoch and of the pending one
  });

  it("the store does not grow from epoch to epoch", async () => {
    const { a, alice } = groups.get(128)!;
    await a.setConfig({ maxPastEpochs: 3 });
    const sizes: number[] = [];
    for (let epoch = 0; epoch < 30; epoch++) {
      await a.createMessage(alice.signer, text);
      await a.selfUpdate(alice.signer);
      await a.mergePendingCommit();
      sizes.push(alice.storage.entries().length);
    }
    expect(sizes.at(-1)).toBe(sizes.at(-5));
    const tables = countTables(alice.storage, a.groupId);
    expect(tables.get("past_epoch")).toBe(a.config.maxPastEpochs);
    // one leaf changed in each epoch whose resumption PSK may still link a branch to its members
    expect(tables.get("past_leaf")).toBeLessThanOrEqual(a.config.resumptionPskEpochs - 1);
    expect(tables.get("resumption_psk")).toBe(a.config.resumptionPskEpochs);
  });
});
