import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  deleteKeyPackages,
  KeyPackage,
  listKeyPackages,
  MlsGroup,
  StagedWelcome,
  sweepKeyPackages,
} from "../index.ts";
import { client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();

const DAY = 86_400n;

async function daveAt(now: { time: bigint }) {
  return client("dave", crypto, 1, { clock: { now: () => now.time } });
}

describe("this client's key packages in the store", () => {
  it("are listed, without their private keys, until they are used", async () => {
    const now = { time: 1_700_000_000n };
    const dave = await daveAt(now);
    const [one, two] = [await keyPackageOf(dave), await keyPackageOf(dave)];
    const last = await KeyPackage.builder()
      .markAsLastResort()
      .lifetime({ notBefore: now.time, notAfter: now.time + DAY })
      .build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const list = await listKeyPackages(dave.provider);
    expect(list).toHaveLength(3);
    const byRef = new Map(list.map((entry) => [String(entry.ref), entry]));
    expect(byRef.get(String(one.ref))).toMatchObject({ cipherSuite: 1, reusable: false, fields: one.fields });
    expect(byRef.get(String(last.ref))).toMatchObject({ reusable: true, notAfter: now.time + DAY });
    expect(Object.keys(list[0]!).sort()).toEqual(["cipherSuite", "fields", "notAfter", "ref", "reusable"]);
    const alice = await client("alice", crypto, 1, { clock: { now: () => now.time } });
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [two]);
    await joinFrom(dave, (await group.mergePendingCommit()).welcome);
    const refs = (await listKeyPackages(dave.provider)).map(({ ref }) => String(ref)).sort();
    expect(refs).toEqual([one.ref, last.ref].map(String).sort());
  });

  it("are deleted by reference, private keys and all", async () => {
    const dave = await client("dave", crypto);
    const [one, two] = [await keyPackageOf(dave), await keyPackageOf(dave)];
    const alice = await client("alice", crypto);
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [one]);
    const { welcome } = await group.mergePendingCommit();
    await deleteKeyPackages(dave.provider, [one.ref, utf8("unknown")]);
    expect((await listKeyPackages(dave.provider)).map(({ ref }) => ref)).toEqual([two.ref]);
    expect(dave.storage.entries()).toHaveLength(1);
    await expect(StagedWelcome.fromWelcome(dave.provider, welcome!)).rejects.toThrow(
      mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE"),
    );
    await expect(deleteKeyPackages(dave.provider, ["text" as unknown as Uint8Array])).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
  });

  it("are swept once their lifetime is over, last resorts too", async () => {
    const now = { time: 1_700_000_000n };
    const dave = await daveAt(now);
    const lasting = async (days: bigint, reusable = false): Promise<KeyPackage> => {
      const builder = KeyPackage.builder().lifetime({ notBefore: now.time, notAfter: now.time + days * DAY });
      return (reusable ? builder.markAsLastResort() : builder).build(
        1,
        dave.provider,
        dave.signer,
        dave.credentialWithKey,
      );
    };
    await lasting(1n);
    await lasting(1n, true);
    const kept = await lasting(3n);
    expect(await sweepKeyPackages(dave.provider)).toBe(0);
    now.time += DAY; // the last second counts
    expect(await sweepKeyPackages(dave.provider)).toBe(0);
    now.time += 1n;
    expect(await sweepKeyPackages(dave.provider)).toBe(2);
    expect((await listKeyPackages(dave.provider)).map(({ ref }) => ref)).toEqual([kept.ref]);
    expect(dave.storage.entries()).toHaveLength(1);
  });

  it("cannot be made expired, or not valid yet, or for longer than the limits allow (valn0105, rfc40)", async () => {
    const now = { time: 1_700_000_000n };
    const dave = await client("dave", crypto, 1, {
      clock: { now: () => now.time },
      limits: { maxLifetime: 10n * DAY },
    });
    const make = async (notBefore: bigint, notAfter: bigint): Promise<KeyPackage> =>
      KeyPackage.builder()
        .lifetime({ notBefore, notAfter })
        .build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const { time } = now;
    for (const [notBefore, notAfter, rule] of [
      [time - DAY, time - 1n, "valn0105"],
      [time + 1n, time + DAY, "valn0105"],
      [time - DAY, time + 10n * DAY, "rfc40"],
      [time + DAY, time - DAY, "rfc40"],
    ] as const) {
      await expect(make(notBefore, notAfter)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", rule));
    }
    expect(dave.storage.entries()).toHaveLength(0);
    await expect(make(time, time)).resolves.toBeDefined();
    const { leafNode } = await keyPackageOf(dave); // the default fits a short limit too
    if (leafNode.leafNodeSource !== 1) throw new Error();
    expect(leafNode.lifetime).toEqual({ notBefore: time - 3600n, notAfter: time + 10n * DAY - 3600n });
  });
});

describe("the leaf of a group's creator (RFC 9420 §7.2)", () => {
  it("lives as long as a key package's, so that members with a maximum can join", async () => {
    const time = 1_700_000_000n;
    const alice = await client("alice", crypto, 1, { clock: { now: () => time }, limits: {} });
    const group = await createGroup(alice);
    const { leafNode } = await keyPackageOf(alice);
    const own = group.ownLeafNode;
    if (own.leafNodeSource !== 1 || leafNode.leafNodeSource !== 1) throw new Error();
    expect(own.lifetime).toEqual(leafNode.lifetime);
    expect(own.lifetime.notAfter - own.lifetime.notBefore).toBeLessThanOrEqual(366n * DAY);
    const bob = await client("bob", crypto, 1, {
      clock: { now: () => time },
      limits: { maxLifetime: 90n * DAY },
    });
    await group
      .commit()
      .addMembers([await keyPackageOf(bob)])
      .build(alice.signer); // without a path: the leaf stays
    const joined = await joinFrom(bob, (await group.mergePendingCommit()).welcome);
    expect(joined.leafNode(0)).toEqual(own);
    const strict = await client("strict", crypto, 1, {
      clock: { now: () => time },
      limits: { maxLifetime: 3n * DAY },
    });
    await group
      .commit()
      .addMembers([await keyPackageOf(strict)])
      .build(alice.signer);
    const { welcome } = await group.mergePendingCommit();
    await expect(joinFrom(strict, welcome)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc40"));
  });

  it("can be chosen, within the limits", async () => {
    const alice = await client("alice", crypto, 1, {
      clock: { now: () => 5000n },
      limits: { maxLifetime: DAY },
    });
    const create = async (notAfter: bigint): Promise<MlsGroup> =>
      MlsGroup.builder()
        .lifetime({ notBefore: 0n, notAfter })
        .build(alice.provider, alice.signer, alice.credentialWithKey);
    await expect(create(DAY + 1n)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc40"));
    expect((await create(DAY)).ownLeafNode).toMatchObject({ lifetime: { notBefore: 0n, notAfter: DAY } });
  });
});
