import { DeliveryError, type DeliveryErrorCode, type DeliveryService } from "../delivery-service.ts";

/** A device with material to send; messages are made with real keys, as a service reads their headers. */
export interface CaseDevice {
  readonly device: Uint8Array;
  readonly user: string;
  readonly service: DeliveryService;
  /** A key package of this device as an MLSMessage. */
  keyPackage(): Promise<Uint8Array>;
}

/** A group of which somebody has the keys. */
export interface CaseGroup {
  readonly groupId: Uint8Array;
  /** A fresh application message of the present epoch. */
  message(): Promise<Uint8Array>;
  /** A commit of the present epoch which adds the owners of key packages; it is not merged. */
  commit(keyPackages: readonly Uint8Array[]): Promise<{
    readonly commit: Uint8Array;
    readonly welcome?: Uint8Array;
    readonly refs: readonly Uint8Array[];
  }>;
  /** Goes on to the epoch of the last commit. */
  merge(): Promise<void>;
}

/** What an implementation is tried with. */
export interface DeliveryContext {
  /** A new user with one registered device. */
  device(): Promise<CaseDevice>;
  /** A group made by a device, of epoch 0 and not known to any service. */
  group(creator: CaseDevice): Promise<CaseGroup>;
  /** The cipher suite of everything above. */
  readonly cipherSuite: number;
  /** 16 fresh bytes. */
  id(): Uint8Array;
}

/** One thing that a service promises. */
export interface DeliveryCase {
  readonly name: string;
  run(context: DeliveryContext): Promise<void>;
}

function holds(what: string, condition: boolean): void {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

async function refused(what: string, code: DeliveryErrorCode, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const found = error instanceof DeliveryError ? error.code : String(error);
  holds(`${what} is refused with ${code}, not ${found}`, found === code);
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, i) => octet === b[i]);

async function started(context: DeliveryContext): Promise<{ alice: CaseDevice; group: CaseGroup }> {
  const alice = await context.device();
  const group = await context.group(alice);
  await alice.service.createGroup({ groupId: group.groupId, cipherSuite: context.cipherSuite });
  return { alice, group };
}

/** Adds devices by one commit. */
async function add(
  { alice, group }: { alice: CaseDevice; group: CaseGroup },
  devices: readonly CaseDevice[],
  basis: bigint,
) {
  const keyPackages = await Promise.all(devices.map(async (one) => one.keyPackage()));
  const { commit, welcome, refs } = await group.commit(keyPackages);
  return {
    groupId: group.groupId,
    basis,
    commit,
    ...(welcome === undefined ? {} : { welcome }),
    added: devices.map(({ device }, i) => ({ device, leafIndex: i + 1, keyPackageRef: refs[i]! })),
    removed: [],
    from: alice,
  };
}

/** The cases that every {@link DeliveryService} must pass: G1 to G3 and G5 to G8 of what a client relies on. */
export const deliveryServiceCases: readonly DeliveryCase[] = [
  {
    name: "G1: of eight commits of one epoch sent at once exactly one is taken",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const bundles = [];
      for (let i = 0; i < 8; i++) {
        const { commit } = await group.commit([]);
        bundles.push({ groupId: group.groupId, basis: 0n, commit, added: [], removed: [] });
      }
      const results = await Promise.allSettled(bundles.map(async (bundle) => alice.service.commit(bundle)));
      holds("one is taken", results.filter(({ status }) => status === "fulfilled").length === 1);
      const { entries, epoch } = await alice.service.read(group.groupId, 0n);
      holds("the log has one commit", entries.length === 1 && entries[0]?.kind === "commit" && epoch === 1n);
    },
  },
  {
    name: "G2: the log is read in order and without a gap, page by page",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const messages: Uint8Array[] = [];
      for (let i = 0; i < 12; i++) messages.push(await group.message());
      for (const message of messages) await alice.service.send(group.groupId, message);
      const read: Uint8Array[] = [];
      for (let after = 0n; ;) {
        const { entries, through, head } = await alice.service.read(group.groupId, after);
        entries.forEach(({ seq, bytes }) => {
          holds("places ascend by one", seq === BigInt(read.push(bytes)));
        });
        after = through;
        if (through >= head) break;
      }
      holds(
        "all are there, as they were sent",
        messages.every((bytes, i) => same(bytes, read[i]!)),
      );
    },
  },
  {
    name: "G3: the same bytes, at once and later and after the epoch, are one entry",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const message = await group.message();
      const send = async () => alice.service.send(group.groupId, message);
      const receipts = await Promise.all(Array.from({ length: 8 }, send));
      holds("one of them was first", receipts.filter(({ duplicate }) => !duplicate).length === 1);
      const { commit } = await group.commit([]);
      const bundle = { groupId: group.groupId, basis: 1n, commit, added: [], removed: [] };
      await alice.service.commit(bundle);
      await group.merge();
      holds("it is known after the epoch", (await send()).duplicate);
      holds("so is the commit", (await alice.service.commit(bundle)).duplicate);
      holds("the log has two entries", (await alice.service.read(group.groupId, 0n)).head === 2n);
    },
  },
  {
    name: "G5: of another epoch nothing is taken",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const late = await group.message();
      const { commit } = await group.commit([]);
      const { commit: other } = await group.commit([]);
      await alice.service.commit({ groupId: group.groupId, basis: 0n, commit, added: [], removed: [] });
      await refused("a message of the last epoch", "conflict", alice.service.send(group.groupId, late));
      const again = { groupId: group.groupId, basis: 1n, commit: other, added: [], removed: [] };
      await refused("a second commit", "conflict", alice.service.commit(again));
    },
  },
  {
    name: "G6: the Welcome is in the mailbox of each newcomer with the commit, and of a commit that lost in none",
    run: async (context: DeliveryContext): Promise<void> => {
      const world = await started(context);
      const [bob, carol, dave] = [await context.device(), await context.device(), await context.device()];
      const { from, ...lost } = await add(world, [dave], 0n);
      const { from: alice, ...won } = await add(world, [bob, carol], 0n);
      await alice.service.commit(won);
      await refused("the other", "conflict", from.service.commit(lost));
      for (const { service } of [bob, carol]) {
        const [item] = await service.mail();
        holds(
          "the Welcome is there",
          item !== undefined && same(item.welcome, won.welcome!) && item.seq === 1n,
        );
        await service.acknowledgeMail([item!.hash]);
        holds("it is gone when it was taken", (await service.mail()).length === 0);
      }
      holds("who lost has none", (await dave.service.mail()).length === 0);
      const { entries, holes, head } = await bob.service.read(world.group.groupId, 1n);
      holds("a newcomer reads what comes after", entries.length === 0 && holes.length === 0 && head === 1n);
    },
  },
  {
    name: "G6: a Welcome for others than those who are added is refused",
    run: async (context: DeliveryContext): Promise<void> => {
      const world = await started(context);
      const bob = await context.device();
      const { from, ...bundle } = await add(world, [bob], 0n);
      await refused("it", "invalid", from.service.commit({ ...bundle, added: [] }));
      const { entries } = await from.service.read(world.group.groupId, 0n);
      holds("nothing was stored", entries.length === 0);
    },
  },
  {
    name: "G7: who was removed reads the commit that did it, nothing after, and sends nothing",
    run: async (context: DeliveryContext): Promise<void> => {
      const world = await started(context);
      const bob = await context.device();
      const { from: alice, ...bundle } = await add(world, [bob], 0n);
      await alice.service.commit(bundle);
      await world.group.merge();
      const { commit } = await world.group.commit([]);
      const { groupId } = world.group;
      await alice.service.commit({ groupId, basis: 1n, commit, added: [], removed: [bob.device] });
      await world.group.merge();
      await alice.service.send(groupId, await world.group.message());
      const { entries, head } = await bob.service.read(groupId, 1n);
      holds("the last is the removal", entries.length === 1 && head === 2n && entries[0]?.kind === "commit");
      await refused("a message", "not-allowed", bob.service.send(groupId, await world.group.message()));
    },
  },
  {
    name: "G8: a key package is given out once, under one claim however often, and then none is left",
    run: async (context: DeliveryContext): Promise<void> => {
      const [bob, alice] = [await context.device(), await context.device()];
      const published = [await bob.keyPackage(), await bob.keyPackage(), await bob.keyPackage()];
      const { refused: not } = await bob.service.publishKeyPackages(published);
      holds("all are taken", not.length === 0);
      holds("they are listed", (await bob.service.listKeyPackages()).length === 3);
      const { cipherSuite } = context;
      const ids = Array.from({ length: 6 }, () => context.id());
      const claims = await Promise.all(
        [...ids, ...ids].map(async (id) =>
          alice.service.claimKeyPackages({ id, cipherSuite, devices: [bob.device] }),
        ),
      );
      const given = claims.map(([one]) => (one?.keyPackage === undefined ? "" : String(one.keyPackage)));
      holds("three are given out", new Set(given.filter((one) => one !== "")).size === 3);
      ids.forEach((_, i) => {
        holds("the same claim gets the same", given[i] === "" || given[i] === given[i + 6]);
      });
      holds("none is left", (await bob.service.listKeyPackages()).length === 0);
    },
  },
  {
    name: "key packages of another device and what is none are refused by their place",
    run: async (context: DeliveryContext): Promise<void> => {
      const [bob, alice] = [await context.device(), await context.device()];
      const { refused: not } = await bob.service.publishKeyPackages([
        await bob.keyPackage(),
        await alice.keyPackage(),
        Uint8Array.of(1, 2, 3),
      ]);
      holds("the second and third", not.map(({ index }) => index).join() === "1,2");
    },
  },
  {
    name: "strangers learn nothing of a group",
    run: async (context: DeliveryContext): Promise<void> => {
      const { group } = await started(context);
      const mallory = await context.device();
      await refused("reading", "unknown-group", mallory.service.read(group.groupId, 0n));
      await refused("sending", "not-allowed", mallory.service.send(group.groupId, await group.message()));
      const { commit } = await group.commit([]);
      const bundle = { groupId: group.groupId, basis: 0n, commit, added: [], removed: [] };
      await refused("committing", "not-allowed", mallory.service.commit(bundle));
      await refused("an unknown group", "unknown-group", mallory.service.read(context.id(), 0n));
    },
  },
  {
    name: "what is no message of the group is refused as invalid",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const other = await context.group(alice);
      await refused("noise", "invalid", alice.service.send(group.groupId, Uint8Array.of(1, 2, 3)));
      await refused(
        "a message of another",
        "invalid",
        alice.service.send(group.groupId, await other.message()),
      );
      await refused("a key package", "invalid", alice.service.send(group.groupId, await alice.keyPackage()));
      const { commit } = await group.commit([]);
      await refused("a commit as a message", "invalid", alice.service.send(group.groupId, commit));
    },
  },
  {
    name: "a group is made once: again by its creator the same, by another a conflict",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      const bob = await context.device();
      const again = { groupId: group.groupId, cipherSuite: context.cipherSuite };
      holds("the same receipt", (await alice.service.createGroup(again)).duplicate);
      await refused("another's", "conflict", bob.service.createGroup(again));
    },
  },
  {
    name: "what was acknowledged is pending no more, and acknowledging never goes back",
    run: async (context: DeliveryContext): Promise<void> => {
      const { alice, group } = await started(context);
      await alice.service.send(group.groupId, await group.message());
      holds("it is pending", (await alice.service.pending()).length === 1);
      await alice.service.acknowledge(group.groupId, 1n);
      await alice.service.acknowledge(group.groupId, 0n);
      holds("it is not", (await alice.service.pending()).length === 0);
    },
  },
];
