import { describe, expect, it } from "vitest";
import { KeyPackage, lifetime, sweepKeyPackages } from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { client, createGroup, joinFrom } from "../testing/client.ts";
import { FaultyStorage } from "../testing/faulty-storage.ts";
import { mlsError } from "../testing/suites.ts";

describe.each(CRYPTO)("many key packages (%s)", (_, crypto) => {
  it("are made in one write, counted, used up one by one, and deleted", async () => {
    const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
    const disk = new FaultyStorage(bob.storage);
    const provider = { ...bob.provider, storage: disk };
    const owner = [1, provider, bob.signer, bob.credentialWithKey] as const;
    const made = await KeyPackage.builder().buildMany(3, ...owner);
    expect([disk.writes, disk.records]).toEqual([1, 3]);
    await KeyPackage.builder()
      .markAsLastResort()
      .build(...owner);
    const refs = (await KeyPackage.list(provider)).map(({ ref }) => ref);
    for (const { ref } of made) expect(refs).toContainEqual(ref);
    expect([await KeyPackage.count(provider, 1), await KeyPackage.count(provider, 2)]).toEqual([3, 0]);

    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [made[1]!]);
    await joinFrom(bob, (await group.mergePendingCommit()).welcome);
    expect(await KeyPackage.count(provider, 1)).toBe(2);
    await KeyPackage.delete(provider, [made[0]!.ref]);
    const left = await KeyPackage.list(provider);
    expect(left.filter(({ reusable }) => !reusable).map(({ ref }) => ref)).toEqual([made[2]!.ref]);
  });
});

describe("a batch of key packages", () => {
  it("does not count what has expired", async () => {
    const bob = await client("bob", CRYPTO[0]![1]);
    const owner = [1, bob.provider, bob.signer, bob.credentialWithKey] as const;
    await KeyPackage.builder()
      .lifetime(lifetime({ days: 1 }))
      .buildMany(2, ...owner);
    const later = { ...bob.provider, clock: { now: () => BigInt(Math.floor(Date.now() / 1000)) + 172_800n } };
    expect([await KeyPackage.count(bob.provider, 1), await KeyPackage.count(later, 1)]).toEqual([2, 0]);
    expect(await sweepKeyPackages(later)).toBe(2);
    expect(await KeyPackage.list(bob.provider)).toEqual([]);
  });

  it("is stored whole or not at all", async () => {
    const bob = await client("bob", CRYPTO[0]![1]);
    const disk = new FaultyStorage(bob.storage);
    const provider = { ...bob.provider, storage: disk };
    const make = async (count: unknown): Promise<unknown> =>
      KeyPackage.builder().buildMany(count as number, 1, provider, bob.signer, bob.credentialWithKey);
    for (const count of [0, 1.5, 1001, "2", undefined]) {
      await expect(make(count)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
    disk.failWrite("refuse");
    await expect(make(2)).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    expect(bob.storage.entries()).toEqual([]);
    await expect(KeyPackage.count(provider, "1" as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    await expect(KeyPackage.delete(provider, [1 as never])).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
