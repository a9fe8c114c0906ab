import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { concatBytes, type MlsErrorCode, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { exportGroup, importGroup, MlsGroup } from "../index.ts";
import { decodeExport, encodeExport, type ExportedRecord } from "../store/exported-group.ts";
import { acceptEveryone, client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const here = (): MlsProvider & { storage: ReturnType<typeof memoryStorage> } => ({
  crypto,
  storage: memoryStorage(),
  credentialValidator: acceptEveryone,
});
let bytes: Uint8Array;
let others: Uint8Array;
let groupId: Uint8Array;

beforeAll(async () => {
  const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
  const a = await createGroup(alice, { maxPastEpochs: 1 });
  groupId = a.groupId;
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  await joinFrom(bob, (await a.mergePendingCommit()).welcome);
  await a.selfUpdate(alice.signer);
  bytes = await exportGroup(alice.provider, groupId);
  others = await exportGroup(bob.provider, groupId);
});

/** With a good digest, as somebody makes them who means it. */
async function forged(
  change: (records: ExportedRecord[]) => ExportedRecord[],
  id = groupId,
): Promise<Uint8Array> {
  const suite = await crypto.cipherSuite(1);
  const group = decodeExport(bytes.subarray(0, bytes.length - suite.params.kdf.hashLength));
  const body = encodeExport({ ...group, groupId: id, records: change([...group.records]) });
  return concatBytes(body, suite.hash(body));
}

const inTable =
  (table: string, change: (value: Uint8Array) => Uint8Array) =>
  (records: ExportedRecord[]): ExportedRecord[] =>
    records.map((record) => (record.table === table ? { ...record, value: change(record.value) } : record));

async function refused(given: Uint8Array, ...codes: MlsErrorCode[]): Promise<void> {
  const provider = here();
  const error = await importGroup(provider, given).then(
    () => "taken",
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "MlsError" });
  expect(codes).toContain((error as { code: string }).code);
  expect(provider.storage.entries()).toEqual([]);
}

const flip = (at: number) => (value: Uint8Array) => {
  const copy = value.slice();
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
};

describe("bytes that are no group of ours", () => {
  it("are refused when they are damaged anywhere, cut or longer", async () => {
    for (let at = 0; at < bytes.length; at += 7) {
      await refused(
        flip(at)(bytes),
        "ERR_MLS_DECODE",
        "ERR_MLS_STORAGE_FORMAT",
        "ERR_MLS_UNSUPPORTED_CIPHER_SUITE",
      );
    }
    for (const length of [0, 1, 16, 17, 18, 19, 40, bytes.length - 1]) {
      await refused(bytes.subarray(0, length), "ERR_MLS_DECODE");
    }
    await refused(concatBytes(bytes, Uint8Array.of(0)), "ERR_MLS_DECODE");
    await refused(utf8("openmls-ts group of another kind altogether"), "ERR_MLS_STORAGE_FORMAT");
  });

  it("are refused by name when a newer release made them or one of their records", async () => {
    const newer = bytes.slice();
    newer[16] = 9;
    await expect(importGroup(here(), newer)).rejects.toThrow(/format 9; this release reads 1/);
    const record = await forged(
      inTable("epoch", (value) => concatBytes(Uint8Array.of(9), value.subarray(1))),
    );
    await expect(importGroup(here(), record)).rejects.toThrow(/a record of epoch: format 9/);
  });

  it("are refused with records that are twice there, out of order, of other tables or of none", async () => {
    await refused(await forged((records) => [...records, records[0]!]), "ERR_MLS_DECODE");
    await refused(await forged((records) => [records[0]!, ...records]), "ERR_MLS_DECODE");
    await refused(await forged((records) => records.reverse()), "ERR_MLS_DECODE");
    for (const table of ["psk", "key_package", "signature_keys", "group_revision", "mine"]) {
      const alien = { table, id: utf8("x"), value: utf8("x") } as unknown as ExportedRecord;
      await refused(
        await forged((records) => [...records, alien].sort((a, b) => (a.table < b.table ? -1 : 1))),
        "ERR_MLS_DECODE",
      );
    }
    for (const table of ["group", "epoch", "tree_node", "path_key"]) {
      const less = await forged((records) => records.filter((record) => record.table !== table));
      await refused(less, "ERR_MLS_STORAGE_FORMAT", "ERR_MLS_VALIDATION");
    }
    await refused(await forged(() => []), "ERR_MLS_STORAGE_FORMAT");
    await refused(await forged((records) => records, utf8("another group")), "ERR_MLS_STORAGE_FORMAT");
  });

  it("are refused with a tree, a hash, a secret or a private key of somebody else's", async () => {
    // the hash at a node's end, which loading trusts
    await refused(
      await forged(inTable("tree_node", flip(-1))),
      "ERR_MLS_STORAGE_FORMAT",
      "ERR_MLS_VALIDATION",
    );
    await refused(
      await forged(inTable("tree_node", flip(5))),
      "ERR_MLS_STORAGE_FORMAT",
      "ERR_MLS_VALIDATION",
    );
    await refused(await forged(inTable("path_key", flip(9))), "ERR_MLS_STORAGE_FORMAT");
    const suite = await crypto.cipherSuite(1);
    const bobs = decodeExport(others.subarray(0, others.length - suite.params.kdf.hashLength));
    const bobsKeys = bobs.records.filter(({ table }) => table === "path_key");
    const mixed = await forged((records) =>
      [...records.filter(({ table }) => table !== "path_key"), ...bobsKeys].sort((a, b) =>
        a.table < b.table ? -1 : 1,
      ),
    );
    await refused(mixed, "ERR_MLS_STORAGE_FORMAT");
    // confirmation_key is the fourth of eight secrets of 33 octets, at the end of the record
    await refused(await forged(inTable("epoch", flip(-5 * 33 + 3))), "ERR_MLS_INVALID_TAG");
  });

  it("are refused where a member is nobody whom the application accepts", async () => {
    const provider = { ...here(), credentialValidator: { validate: async () => false } };
    await expect(importGroup(provider, bytes)).rejects.toThrow(mlsError("ERR_MLS_CREDENTIAL_REJECTED"));
  });
});

describe("an import", () => {
  it("takes the place of no group, and of none that comes meanwhile", async () => {
    const provider = here();
    await importGroup(provider, bytes);
    const before = provider.storage.entries();
    await expect(importGroup(provider, bytes)).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS"));
    expect(provider.storage.entries()).toEqual(before);
    const late = here();
    const racing: MlsProvider = {
      ...late,
      credentialValidator: {
        validate: async () => {
          if (late.storage.entries().length === 0) await late.storage.write({ puts: before });
          return true;
        },
      },
    };
    await expect(importGroup(racing, bytes)).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS"));
    expect(late.storage.entries()).toEqual(before);
  });

  it("leaves the caller's bytes alone, and is given up where it is told to", async () => {
    const given = bytes.slice();
    const provider = here();
    const signal = { aborted: true };
    await expect(importGroup(provider, given, { signal })).rejects.toThrow(mlsError("ERR_MLS_ABORTED"));
    expect(provider.storage.entries()).toEqual([]);
    await importGroup(provider, given);
    expect(given).toEqual(bytes);
    expect((await MlsGroup.load(provider, groupId))?.pendingCommitMessage).toBeDefined();
  });

  it("and an export tell careless callers", async () => {
    const usage = mlsError("ERR_MLS_USAGE");
    await expect(exportGroup(here(), "id" as never)).rejects.toThrow(usage);
    await expect(exportGroup({} as never, groupId)).rejects.toThrow(usage);
    await expect(exportGroup(here(), groupId)).rejects.toThrow(mlsError("ERR_MLS_GROUP_NOT_FOUND"));
    await expect(importGroup(here(), "bytes" as never)).rejects.toThrow(usage);
    await expect(importGroup(here(), bytes, { progress: 1 } as never)).rejects.toThrow(usage);
    await expect(importGroup(undefined as never, bytes)).rejects.toThrow(usage);
  });
});
