import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, isMlsError, type StorageRecord, utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { MlsGroup, proposals, PublicGroup, storeExternalPsk } from "../index.ts";
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from "../store/index.ts";
import { withFormat } from "../stored-format.ts";
import { type Client, client, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const FORMAT = mlsError("ERR_MLS_STORAGE_FORMAT");

/** Alice's store with something in every table, and what Bob sent her since. */
interface Full {
  readonly alice: Client;
  readonly groupId: Uint8Array;
  readonly records: readonly StorageRecord[];
  readonly fromBob: readonly Uint8Array[];
}

async function fullStore(): Promise<Full> {
  const [alice, bob, carol] = [
    await client("alice", crypto),
    await client("bob", crypto),
    await client("carol", crypto),
  ];
  const { signer, credentialWithKey, provider } = alice;
  const config = { maxPastEpochs: 2 };
  const a = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1, config });
  await a.addMembers(signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome, config);
  for (let epoch = 0; epoch < 2; epoch++) {
    const late = [await b.createMessage(bob.signer, utf8("1")), await b.createMessage(bob.signer, utf8("2"))];
    await a.processMessage(late[1]!); // a skipped key
    const { commit } = await a.selfUpdate(signer);
    await a.mergePendingCommit();
    await follow(b, commit);
  }
  await a.propose(signer, proposals.update());
  await storeExternalPsk(alice.storage, utf8("psk"), utf8("secret"));
  await a
    .commit()
    .addMembers([await keyPackageOf(carol)])
    .injectPsk({ pskType: 1, pskId: utf8("psk") })
    .createGroupInfo()
    .build(signer);
  const fromBob = [await b.createMessage(bob.signer, utf8("hi")), (await b.selfUpdate(bob.signer)).commit];
  return { alice, groupId: a.groupId, records: alice.storage.entries(), fromBob };
}

/** A provider over a store with these records. */
async function over(records: readonly StorageRecord[], { alice }: Full): Promise<Client["provider"]> {
  const storage = memoryStorage();
  await storage.write({ puts: records.map(({ key, value }) => ({ key, value: new Uint8Array(value) })) });
  return { ...alice.provider, storage };
}

const nameOf = ({ key }: StorageRecord): string => `${key.table} ${bytesToHex(key.id)}`;

/** Loads from a damaged store and uses what was loaded: nothing but typed errors, and never "no such group". */
async function outcome(records: readonly StorageRecord[], full: Full): Promise<string> {
  const provider = await over(records, full);
  let group: MlsGroup | undefined;
  try {
    group = await MlsGroup.load(provider, full.groupId);
  } catch (error) {
    // A suite that nobody knows may be one that this provider does not have.
    return isMlsError(error, "ERR_MLS_STORAGE_FORMAT") ||
      isMlsError(error, "ERR_MLS_UNSUPPORTED_CIPHER_SUITE")
      ? "refused"
      : `load: ${String(error)}`;
  }
  if (group === undefined) {
    return "absent";
  }
  const { signer } = full.alice;
  const uses: readonly (() => Promise<unknown>)[] = [
    async () => group.processMessage(full.fromBob[0]!),
    async () => group.processMessage(full.fromBob[1]!),
    async () => group.mergePendingCommit(),
    async () => group.selfUpdate(signer),
    async () => group.exportGroupInfo(signer),
    async () => group.members(),
  ];
  for (const use of uses) {
    try {
      await use();
    } catch (error) {
      if (!isMlsError(error)) {
        return `use: ${(error as Error).stack ?? String(error)}`;
      }
    }
  }
  return "loaded";
}

const FINE = ["refused", "loaded"];

describe("a store that was tampered with", () => {
  let full: Full;
  beforeAll(async () => {
    full = await fullStore();
  });

  /** The outcomes of a change of each record, except for the fine ones. */
  async function bad(change: (record: StorageRecord) => readonly Uint8Array[]): Promise<string[]> {
    const seen = new Set<string>();
    for (const [at, record] of full.records.entries()) {
      for (const value of change(record)) {
        const records = full.records.map((other, i) => (i === at ? { key: record.key, value } : other));
        const found = await outcome(records, full);
        if (!FINE.includes(found)) {
          seen.add(`${record.key.table}: ${found}`);
        }
      }
    }
    return [...seen];
  }

  it("has something in every table", () => {
    const tables = new Set(full.records.map(({ key }) => key.table));
    expect([...tables].sort()).toEqual([
      "epoch",
      "group",
      "group_revision",
      "handout",
      "message_key",
      "own_update",
      "past_epoch",
      "past_leaf",
      "path_key",
      "pending_commit",
      "proposal",
      "psk",
      "resumption_psk",
      "tree_node",
    ]);
  });

  it("by truncation", { timeout: 60_000 }, async () => {
    const cuts = ({ value: { length } }: StorageRecord): number[] => [
      ...new Set([0, 1, 2, 3, 5, 33, length >> 1, length - 33, length - 2, length - 1]),
    ];
    const found = await bad((record) =>
      cuts(record)
        .filter((n) => n >= 0 && n < record.value.length)
        .map((n) => record.value.slice(0, n)),
    );
    expect(found).toEqual([]);
  });

  it("by bytes at the end", async () => {
    expect(await bad(({ value }) => [Uint8Array.of(...value, 0)])).toEqual([]);
  });

  it("by flipped bits", { timeout: 60_000 }, async () => {
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    const found = await bad(({ value }) => [
      ...Array.from({ length: Math.min(8, value.length) }, (_, at) =>
        value.map((byte, i) => (i === at ? byte ^ 0x80 : byte)),
      ),
      ...Array.from({ length: 10 }, () => {
        const [at, bit] = [next(value.length), next(8)];
        return value.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
      }),
    ]);
    expect(found).toEqual([]);
  });

  it("by records in the place of others", { timeout: 60_000 }, async () => {
    const byTable = new Map(full.records.map((record) => [record.key.table, record.value]));
    expect(await bad(() => [...byTable.values()])).toEqual([]);
  });

  it("by records that are gone: what is left is never taken for no group", async () => {
    const seen: string[] = [];
    for (const record of full.records) {
      const found = await outcome(
        full.records.filter((other) => other !== record),
        full,
      );
      if (!FINE.includes(found)) {
        seen.push(`${nameOf(record)}: ${found}`);
      }
    }
    expect(seen).toEqual([]);
    const needed = new Set(["group", "group_revision", "epoch", "tree_node", "past_epoch"]);
    for (const table of needed) {
      const provider = await over(
        full.records.filter(({ key }) => key.table !== table),
        full,
      );
      if (table === "past_epoch") {
        expect(await MlsGroup.load(provider, full.groupId)).toBeDefined(); // late messages are lost, no more
      } else {
        await expect(MlsGroup.load(provider, full.groupId), table).rejects.toThrow(FORMAT);
      }
    }
  });

  const withGroup = async (change: (record: GroupRecord) => GroupRecord): Promise<Client["provider"]> => {
    const records = full.records.map(({ key, value }) =>
      key.table === "group"
        ? { key, value: withFormat(encodeGroupRecord(change(decodeGroupRecord(value))), "group") }
        : { key, value },
    );
    return over(records, full);
  };

  it.each([2 ** 29, 2 ** 30, 2 ** 31, 2 ** 32 - 1, 0, 3, 1 << 20])(
    "by a tree of %i leaves, which costs nothing",
    async (leafCount) => {
      const provider = await withGroup((record) => ({ ...record, leafCount }));
      const before = process.memoryUsage().rss;
      const started = performance.now();
      await expect(MlsGroup.load(provider, full.groupId)).rejects.toThrow(FORMAT);
      expect(performance.now() - started).toBeLessThan(1000);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    },
  );

  it("by settings out of range, an own leaf that is blank, and a member in the place of an observer", async () => {
    const changes: readonly ((record: GroupRecord) => GroupRecord)[] = [
      (record) => ({ ...record, config: { ...record.config, paddingSize: 0xffff_ffff } }),
      (record) => ({ ...record, config: { ...record.config, maxPastEpochs: 0xffff_ffff } }),
      (record) => ({ ...record, config: { ...record.config, resumptionPskEpochs: 1025 } }),
      (record) => ({ ...record, ownLeaf: 7 }),
      (record) => ({ ...record, ownLeaf: 0xffff_ffff }),
      (record) => ({ ...record, ownLeaf: undefined }),
    ];
    for (const change of changes) {
      const provider = await withGroup(change);
      await expect(MlsGroup.load(provider, full.groupId)).rejects.toThrow(FORMAT);
      await expect(PublicGroup.load(provider, full.groupId)).rejects.toThrow(FORMAT);
    }
    const records = full.records.filter(({ key }) => key.table !== "tree_node" || key.id[3] !== 0);
    await expect(MlsGroup.load(await over(records, full), full.groupId)).rejects.toThrow(FORMAT);
  });

  it("by an older release, or a newer one, is refused by name (trap51)", async () => {
    for (const version of [0, 1, 4, 255]) {
      const records = full.records.map(({ key, value }) => ({
        key,
        value: Uint8Array.of(version, ...value.subarray(1)),
      }));
      const provider = await over(records, full);
      await expect(MlsGroup.load(provider, full.groupId)).rejects.toThrow(
        new RegExp(`format ${version}; this release reads`, "u"),
      );
      await expect(MlsGroup.list(provider)).rejects.toThrow(FORMAT);
    }
  });
});
