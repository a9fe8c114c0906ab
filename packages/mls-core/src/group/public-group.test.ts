import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, PublicGroup } from "../index.ts";
import { acceptEveryone, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const clear = { handshake: "public" } as const;

/** Alice and Bob in a group with public handshakes, and a server that follows it. */
async function observed() {
  const alice = await client("alice", crypto);
  const bob = await client("bob", crypto);
  const server = { crypto, storage: memoryStorage(), credentialValidator: acceptEveryone };
  const a = await createGroup(alice, clear);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome, clear);
  const seen = await PublicGroup.fromGroupInfo(server, await a.exportGroupInfo(alice.signer));
  return { alice, bob, a, b, server, seen };
}

async function observe(seen: PublicGroup, commit: Uint8Array): Promise<void> {
  const processed = await seen.processMessage(commit);
  if (processed.kind !== "commit") {
    throw new Error(`expected a commit, not ${processed.kind}`);
  }
  await seen.mergeCommit(processed.stagedCommit);
}

describe("PublicGroup", () => {
  it("follows proposals, commits and external commits, also after a restart", async () => {
    const { alice, bob, a, b, server, seen } = await observed();
    const { message } = await b.propose(bob.signer, proposals.update());
    await a.processMessage(message);
    expect((await seen.processMessage(message)).kind).toBe("proposal");
    const reloaded = await PublicGroup.load(server, a.groupId);
    if (reloaded === undefined) {
      throw new Error("not stored");
    }
    expect(reloaded.pendingProposals).toEqual(seen.pendingProposals);
    const { commit } = await a.commitToPendingProposals(alice.signer);
    await a.mergePendingCommit();
    await follow(b, commit);
    await observe(reloaded, commit);
    expect(reloaded.groupContext).toEqual(a.groupContext);

    const charlie = await client("charlie", crypto);
    const join = await MlsGroup.joinByExternalCommit(charlie.provider, charlie.signer, {
      groupInfo: await b.exportGroupInfo(bob.signer),
      credentialWithKey: charlie.credentialWithKey,
    });
    await follow(a, join.commit);
    await observe(reloaded, join.commit);
    expect(reloaded.groupContext).toEqual(a.groupContext);
    expect(reloaded.exportRatchetTree()).toEqual(a.exportRatchetTree());
    expect(reloaded.members()).toEqual(a.members());

    // the object from before the restart is stale and notices
    const { commit: next } = await a.removeMembers(alice.signer, [1]);
    await expect(seen.processMessage(next)).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"));
    await expect(observe(seen, commit)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    await observe(reloaded, next);
    expect(reloaded.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 2]);
    await reloaded.delete();
    expect(await PublicGroup.load(server, a.groupId)).toBeUndefined();
    expect(server.storage.entries()).toHaveLength(0);
  });

  it("refuses forged, foreign and encrypted messages, and stays as it was", async () => {
    const { alice, bob, a, b, server, seen } = await observed();
    const { commit } = await a.selfUpdate(alice.signer);
    const before = server.storage.entries();
    const forged = commit.slice();
    const inSignature = forged.length - 100; // two tags of 33 bytes follow, which an observer takes on trust
    forged[inSignature] = (forged[inSignature] ?? 0) ^ 1;
    await expect(seen.processMessage(forged)).rejects.toThrow(
      mlsError("ERR_MLS_INVALID_SIGNATURE", "valn1203"),
    );
    const other = await createGroup(bob, clear);
    const { commit: foreign } = await other.selfUpdate(bob.signer);
    await expect(seen.processMessage(foreign)).rejects.toThrow(mlsError("ERR_MLS_WRONG_GROUP", "rfc23"));
    const secret = await b.createMessage(bob.signer, utf8("hi"));
    await expect(seen.processMessage(secret)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect(server.storage.entries()).toEqual(before);
    await observe(seen, commit);
    expect(seen.groupContext.epoch).toBe(2n);
  });
});
