import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, StagedWelcome } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();

describe("what a group refuses to make", () => {
  it("a commit or a GroupInfo signed with another key than the leaf's", async () => {
    const { alice, bob } = await newWorld();
    const dave = await newcomer("dave");
    const keyPackage = await keyPackageOf(dave);
    const { group } = alice;
    const wrong = "ERR_MLS_USAGE";
    await expectUnable(
      alice,
      async () => group.commitBuilder().addMembers([keyPackage]).build(bob.signer),
      wrong,
    );
    await expectUnable(alice, async () => group.exportGroupInfo(bob.signer), wrong);
    const parameters = { credentialWithKey: dave.credentialWithKey };
    await expectUnable(alice, async () => group.selfUpdate(bob.signer, parameters, dave.signer), wrong);
  });

  it("a leaf whose lifetime has ended, where lifetimes are limited", async () => {
    const limits = { maxLifetime: 3600n * 24n * 7n };
    const now = BigInt(Math.floor(Date.now() / 1000));
    const alice = await client("alice", crypto, 1, { limits });
    const { ownLeafNode } = await createGroup(alice);
    const { leafNode } = await KeyPackage.builder().build(
      1,
      alice.provider,
      alice.signer,
      alice.credentialWithKey,
    );
    for (const leaf of [ownLeafNode, leafNode]) {
      const { lifetime } = leaf as typeof leaf & { leafNodeSource: 1 };
      expect(lifetime.notBefore).toBeLessThan(now);
      expect(lifetime.notAfter).toBeGreaterThan(now);
    }
  });
});

describe("a Welcome that takes the place of a group", () => {
  it("does so once, and only where it leads on (rfc65)", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const group = await createGroup(alice);
    const lastResort = await KeyPackage.builder()
      .markAsLastResort()
      .build(1, bob.provider, bob.signer, bob.credentialWithKey);
    const add = async (): Promise<Uint8Array> => {
      await group.addMembers(alice.signer, [lastResort]);
      return (await group.mergePendingCommit()).welcome!;
    };
    const first = await add();
    const old = await joinFrom(bob, first);
    const sent = await old.createMessage(bob.signer, utf8("one"));
    const read = await group.createMessage(alice.signer, utf8("to bob"));
    await old.processMessage(read);
    const back = mlsError("ERR_MLS_GROUP_EXISTS", "rfc65");
    const replace = { replaceOldGroup: true };
    const before = bob.storage.entries();
    await expect(StagedWelcome.fromWelcome(bob.provider, first, replace)).rejects.toThrow(back);
    await group.removeMembers(alice.signer, [1]);
    await group.mergePendingCommit();
    const second = await add();
    await expect(StagedWelcome.fromWelcome(bob.provider, second)).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_EXISTS", "valn1403"),
    );
    expect(bob.storage.entries()).toEqual(before);
    const staged = await StagedWelcome.fromWelcome(bob.provider, second, replace);
    const rival = await StagedWelcome.fromWelcome(bob.provider, second, replace);
    const joined = await staged.intoGroup();
    await joined.createMessage(bob.signer, utf8("one"));
    const after = bob.storage.entries();
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    await expect(rival.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    for (const welcome of [first, second]) {
      await expect(StagedWelcome.fromWelcome(bob.provider, welcome, replace)).rejects.toThrow(back);
    }
    await expect(old.createMessage(bob.signer, utf8("two"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    expect(bob.storage.entries()).toEqual(after);
    expect(sent.length).toBeGreaterThan(0);
    const { commit } = await joined.selfUpdate(bob.signer);
    await follow(group, commit);
  });
});

describe("groups that continue one another", () => {
  it("are compared in linear time", async () => {
    let calls = 0;
    const isSuccessor = async (
      current: { encoded: Uint8Array },
      next: { encoded: Uint8Array },
    ): Promise<boolean> => {
      calls++;
      return bytesToHex(current.encoded) === bytesToHex(next.encoded);
    };
    const validator = { validate: async () => true, isSuccessor };
    const alice = await client("alice", crypto, 1, { credentialValidator: validator });
    const others = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => client(`member ${i}`, crypto, 1)),
    );
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, await Promise.all(others.map(keyPackageOf)));
    await group.mergePendingCommit();
    calls = 0;
    const { credentialWithKey, signer } = alice;
    const keyPackages = await Promise.all(others.map(keyPackageOf));
    await group.branch({ signer, credentialWithKey, keyPackages: keyPackages.reverse() });
    expect(calls).toBeLessThanOrEqual(13);
  });
});
