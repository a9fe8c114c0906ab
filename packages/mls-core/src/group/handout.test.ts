import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { type Client, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();

async function reload({ provider }: Client, group: MlsGroup): Promise<MlsGroup> {
  const loaded = await MlsGroup.load(provider, group.groupId);
  if (loaded === undefined) {
    throw new Error("the group is not in the store");
  }
  return loaded;
}

describe.each(["private", "public"] as const)("what a commit of ours hands out (%s)", (handshake) => {
  it("survives a crash before and after merging, and goes with its epoch", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    let a = await createGroup(alice, { handshake });
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    a = await reload(alice, a);
    expect(a.lastMergedCommit).toBeUndefined();
    const merged = await a.mergePendingCommit();
    a = await reload(alice, a);
    expect(a.lastMergedCommit).toEqual(merged);
    const b = await joinFrom(bob, a.lastMergedCommit?.welcome);
    const { commit } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(a, commit);
    expect(a.lastMergedCommit).toBeUndefined();
    expect((await reload(alice, a)).lastMergedCommit).toBeUndefined();
    const handouts = alice.storage.entries().filter(({ key }) => key.table === "handout");
    expect(handouts).toHaveLength(0);
  });

  it("recognises the echo of a commit before and after it was merged (trap30)", async () => {
    const alice = await client("alice", crypto);
    let a = await createGroup(alice, { handshake });
    const { commit } = await a.selfUpdate(alice.signer);
    a = await reload(alice, a);
    expect(await a.processMessage(commit)).toMatchObject({ kind: "ownEcho", pendingCommit: true });
    await a.mergePendingCommit();
    expect(await a.processMessage(commit)).toMatchObject({ kind: "ownEcho", pendingCommit: false });
    expect(a.epoch).toBe(1n);
    a = await reload(alice, a);
    expect(await a.processMessage(commit)).toMatchObject({ kind: "ownEcho", pendingCommit: false });
  });

  it("is gone when the commit is cleared or loses", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const a = await createGroup(alice, { handshake });
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
    await a.addMembers(alice.signer, [await keyPackageOf(await client("charlie", crypto))]);
    await a.clearPendingCommit();
    expect(alice.storage.entries().filter(({ key }) => key.table === "handout")).toHaveLength(1);
    await a.addMembers(alice.signer, [await keyPackageOf(await client("dora", crypto))]);
    const { commit } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(a, commit);
    expect(a.pendingCommit).toBeUndefined();
    expect(alice.storage.entries().filter(({ key }) => key.table === "handout")).toHaveLength(0);
  });
});

describe("close", () => {
  it("erases what is in memory and leaves the store alone", async () => {
    const alice = await client("alice", crypto);
    const a = await createGroup(alice);
    const before = alice.storage.entries();
    await a.close();
    expect(a.isActive).toBe(false);
    await expect(a.createMessage(alice.signer, utf8("hi"))).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_INACTIVE"),
    );
    expect(() => a.exportSecret("x", utf8(""), 16)).toThrow(mlsError("ERR_MLS_GROUP_INACTIVE"));
    expect(alice.storage.entries()).toEqual(before);
    await expect((await reload(alice, a)).createMessage(alice.signer, utf8("hi"))).resolves.toBeInstanceOf(
      Uint8Array,
    );
  });
});
