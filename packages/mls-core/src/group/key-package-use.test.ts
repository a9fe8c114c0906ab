import type { KeyPackageUse, MlsProvider } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, ProcessedWelcome, StagedWelcome } from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { type Client, client, createGroup, keyPackageOf } from "../testing/client.ts";
import { FaultyStorage } from "../testing/faulty-storage.ts";
import { mlsError } from "../testing/suites.ts";

const [, node] = CRYPTO[0]!;

/** Bob, who hears of his key packages, and how many are in the store when he does. */
async function listener(crypto = node) {
  const heard: KeyPackageUse[] = [];
  const left: Promise<number>[] = [];
  const bob: Client = await client("bob", crypto, 1, {
    onKeyPackageUsed: (use) => {
      heard.push(use);
      left.push(KeyPackage.count(bob.provider, 1));
    },
  });
  return { bob, heard, left };
}

async function invitation(alice: Client, keyPackage: KeyPackage) {
  const group = await createGroup(alice);
  await group.addMembers(alice.signer, [keyPackage]);
  return { groupId: group.groupId, welcome: (await group.mergePendingCommit()).welcome! };
}

const lastResortOf = async ({ provider, signer, credentialWithKey }: Client): Promise<KeyPackage> =>
  KeyPackage.builder().markAsLastResort().build(1, provider, signer, credentialWithKey);

describe.each(CRYPTO)("the listener of key packages on %s", (_, crypto) => {
  it("hears of each that a join or a declined Welcome uses up, once it is gone from the store", async () => {
    const { bob, heard, left } = await listener(crypto);
    const alice = await client("alice", crypto);
    const [first, second, third] = [
      await keyPackageOf(bob),
      await keyPackageOf(bob),
      await keyPackageOf(bob),
    ];
    const join = await invitation(alice, first);
    const staged = await StagedWelcome.fromWelcome(bob.provider, join.welcome);
    expect(heard).toEqual([]);
    await staged.intoGroup();
    const refused = await invitation(alice, second);
    await (await StagedWelcome.fromWelcome(bob.provider, refused.welcome)).decline();
    const unread = await invitation(alice, third);
    await (await ProcessedWelcome.fromWelcome(bob.provider, unread.welcome)).decline();
    const common = { cipherSuite: 1, reusable: false };
    expect(heard).toEqual([
      { ...common, keyPackageRef: first.ref, groupId: join.groupId, outcome: "joined" },
      { ...common, keyPackageRef: second.ref, groupId: refused.groupId, outcome: "declined" },
      { ...common, keyPackageRef: third.ref, groupId: unread.groupId, outcome: "declined" },
    ]);
    expect(await Promise.all(left)).toEqual([2, 1, 0]);
  });
});

describe("the listener of key packages", () => {
  it("hears that a last resort was used and stays, and nothing when it is declined", async () => {
    const { bob, heard } = await listener();
    const alice = await client("alice", node);
    const keyPackage = await lastResortOf(bob);
    const declined = await invitation(alice, keyPackage);
    await (await StagedWelcome.fromWelcome(bob.provider, declined.welcome)).decline();
    expect(heard).toEqual([]);
    const { welcome, groupId } = await invitation(alice, keyPackage);
    await (await StagedWelcome.fromWelcome(bob.provider, welcome)).intoGroup();
    expect(heard).toEqual([
      { keyPackageRef: keyPackage.ref, cipherSuite: 1, groupId, outcome: "joined", reusable: true },
    ]);
  });

  it("hears nothing of a join that was not stored, and once of it when it is", async () => {
    const { bob, heard } = await listener();
    const { welcome } = await invitation(await client("alice", node), await keyPackageOf(bob));
    const storage = new FaultyStorage(bob.storage);
    const staged = await StagedWelcome.fromWelcome({ ...bob.provider, storage }, welcome);
    storage.failWrite("refuse");
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    storage.failWrite("refuse");
    await expect(staged.decline()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    expect(heard).toEqual([]);
    await staged.intoGroup();
    expect(heard).toHaveLength(1);
  });

  it("cannot fail or change a join, and is a function or nothing", async () => {
    const alice = await client("alice", node);
    const bob = await client("bob", node);
    const listeners: readonly ((use: KeyPackageUse) => unknown)[] = [
      () => {
        throw new Error("full");
      },
      async () => Promise.reject(new Error("full")),
      (use) => use.groupId?.fill(0),
    ];
    for (const onKeyPackageUsed of listeners) {
      const { welcome, groupId } = await invitation(alice, await keyPackageOf(bob));
      const provider: MlsProvider = { ...bob.provider, onKeyPackageUsed };
      const group = await (await StagedWelcome.fromWelcome(provider, welcome)).intoGroup();
      expect(group.groupId).toEqual(groupId);
    }
    const wrong = { ...bob.provider, onKeyPackageUsed: "log" } as unknown as MlsProvider;
    await expect(KeyPackage.count(wrong, 1)).rejects.toMatchObject({
      code: "ERR_MLS_USAGE",
      details: { argument: "onKeyPackageUsed" },
    });
  });
});
