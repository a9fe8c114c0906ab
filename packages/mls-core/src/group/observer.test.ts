import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type CommitFacts, type MlsProvider, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, proposeToJoin, PublicGroup } from "../index.ts";
import { client, follow, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { remove } from "../testing/proposals.ts";
import { spoil } from "../testing/stage.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newcomer, newWorld, type World } from "../testing/world.ts";

const crypto = nodeCrypto();

async function watch({ alice }: World, provider: Partial<MlsProvider> = {}) {
  const server = await client("server", crypto, 1, provider);
  const info = await alice.group.exportGroupInfo(alice.signer);
  return { server, seen: await PublicGroup.fromGroupInfo(server.provider, info) };
}

async function observe(seen: PublicGroup, message: Uint8Array): Promise<void> {
  const processed = await seen.processMessage(message);
  if (processed.kind === "commit") await seen.mergeCommit(processed.stagedCommit);
}

describe("an observer judges as members do", () => {
  it("rfc78: nothing after a committed ReInit", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const { seen, server } = await watch(all);
    const { commit } = await alice.group
      .commit()
      .propose(proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 }))
      .build(alice.signer);
    await observe(seen, commit);
    await follow(bob.group, commit);
    const later = await forgeCommit(await insideOf(bob), bob.signer);
    const closed = mlsError("ERR_MLS_GROUP_INACTIVE", "rfc78");
    const loaded = await PublicGroup.load(server.provider, seen.groupId);
    for (const group of [seen, loaded!]) {
      expect(group.isActive).toBe(false);
      await expect(group.processMessage(later.message)).rejects.toThrow(closed);
    }
  });

  it("rfc90: by the same rules, shown the same facts", async () => {
    const facts: CommitFacts[] = [];
    const rules = {
      allow: async (commit: CommitFacts) => {
        facts.push(commit);
        return commit.removed.length === 0;
      },
    };
    const all = await newWorld({ provider: { rules } });
    const { seen, server } = await watch(all, { rules });
    const before = server.storage.entries();
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [remove(2)],
    });
    facts.length = 0;
    const refused = mlsError("ERR_MLS_POLICY", "rfc90");
    await expect(seen.processMessage(message)).rejects.toThrow(refused);
    await expect(all.bob.group.processMessage(message)).rejects.toThrow(refused);
    expect(facts).toHaveLength(2);
    expect(facts[1]).toEqual(facts[0]);
    expect(server.storage.entries()).toEqual(before);
  });

  it("keeps proposals of strangers only when told, so that they cannot fill its list", async () => {
    const all = await newWorld();
    const limits = { maxStoredProposals: 3, maxLifetime: 0xffff_ffff_ffff_ffffn };
    const { seen, server } = await watch(all, { limits });
    const { groupId, epoch } = all.alice.group;
    const before = server.storage.entries();
    const eve = await newcomer("eve");
    const asked: Uint8Array[] = [];
    for (let i = 0; i < 8; i++) {
      asked.push(await proposeToJoin(eve.provider, eve.signer, { groupId, epoch }, await keyPackageOf(eve)));
      expect(await seen.processMessage(asked[i]!)).toMatchObject({ kind: "proposal", stored: false });
    }
    expect(seen.knownProposals).toEqual([]);
    expect(server.storage.entries()).toEqual(before);
    const { bob, alice } = all;
    const update = await bob.group.propose(bob.signer, proposals.update());
    expect(await seen.processMessage(update.message)).toMatchObject({ stored: true });
    // one of them is taken: the oldest are forgotten, and can come again
    for (const group of [alice.group, bob.group, seen]) {
      if (group !== bob.group && group !== seen) await group.processMessage(update.message);
      const processed = await group.processMessage(asked[0]!);
      if (processed.kind !== "proposal") throw new Error(processed.kind);
      await group.storePendingProposal(processed);
      await group.storePendingProposal(processed.proposal.reference); // once is enough
    }
    await expect(seen.storePendingProposal(new Uint8Array(32))).rejects.toThrow(
      mlsError("ERR_MLS_WRONG_EPOCH", "rfc81"),
    );
    expect(seen.knownProposals).toHaveLength(2);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await observe(seen, commit);
    expect(seen.members()).toHaveLength(5);
    const stale = await proposeToJoin(eve.provider, eve.signer, { groupId, epoch }, await keyPackageOf(eve));
    await expect(seen.processMessage(stale)).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH"));
    await expect(seen.storePendingProposal(update.reference)).rejects.toThrow(
      mlsError("ERR_MLS_WRONG_EPOCH"),
    );
  });

  it("can dismiss what it knows, and follows it all the same", async () => {
    const all = await newWorld();
    const { seen, server } = await watch(all);
    const { alice, bob } = all;
    const { message, reference } = await bob.group.propose(bob.signer, proposals.update());
    await alice.group.processMessage(message);
    await seen.processMessage(message);
    expect(await seen.removePendingProposal(reference)).toBe(true);
    const loaded = (await PublicGroup.load(server.provider, seen.groupId))!;
    expect([loaded.pendingProposals.length, loaded.knownProposals.length]).toEqual([0, 1]);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await observe(loaded, commit);
    await alice.group.mergePendingCommit();
    expect(loaded.groupContext).toEqual(alice.group.groupContext);
  });
});

describe("what an observer has staged", () => {
  it("rfc122: is merged on the state it was staged for, once, and not after it was discarded", async () => {
    const all = await newWorld();
    const { seen, server } = await watch(all);
    const { alice, bob } = all;
    const first = await seen.processMessage((await alice.group.selfUpdate(alice.signer)).commit);
    const second = await seen.processMessage((await bob.group.selfUpdate(bob.signer)).commit);
    const third = await seen.processMessage((await all.charlie.group.selfUpdate(all.charlie.signer)).commit);
    if (first.kind !== "commit" || second.kind !== "commit" || third.kind !== "commit")
      throw new Error("no commit");
    const stale = mlsError("ERR_MLS_STALE_COMMIT", "rfc122");
    third.stagedCommit.discard();
    await expect(seen.mergeCommit(third.stagedCommit)).rejects.toThrow(stale);
    spoil(first.stagedCommit.summary);
    await seen.mergeCommit(first.stagedCommit);
    const before = server.storage.entries();
    const tree = seen.exportRatchetTree();
    for (const { stagedCommit } of [second, first, third]) {
      await expect(seen.mergeCommit(stagedCommit)).rejects.toThrow(stale);
    }
    expect(server.storage.entries()).toEqual(before);
    expect(seen.exportRatchetTree()).toEqual(tree);
    await alice.group.mergePendingCommit();
    expect(tree).toEqual(alice.group.exportRatchetTree());
    const loaded = await PublicGroup.load(server.provider, seen.groupId);
    expect(loaded!.exportRatchetTree()).toEqual(tree);
  });

  it("and what it hands out are copies", async () => {
    const { seen } = await watch(await newWorld());
    const tree = seen.exportRatchetTree();
    for (const thing of [
      seen.members(),
      seen.member(0),
      seen.leafNode(1),
      seen.groupContext,
      seen.extensions,
    ]) {
      spoil(thing);
    }
    expect(seen.exportRatchetTree()).toEqual(tree);
    expect(seen.member(99)).toBeUndefined();
    expect(seen.leafNode(99)).toBeUndefined();
  });
});

describe("an observer's store", () => {
  it("is read as of one write, also while another process merges", async () => {
    const all = await newWorld();
    const { seen, server } = await watch(all);
    const { commit } = await all.alice.group.removeMembers(all.alice.signer, [2]);
    const { storage } = server;
    let done = false;
    const racing: StorageProvider = {
      name: "racing",
      write: async (batch) => storage.write(batch),
      listOwners: async (table) => storage.listOwners(table),
      list: async (prefix) => storage.list(prefix),
      get: async (key) => {
        const value = await storage.get(key);
        if (key.table === "group" && !done) {
          done = true;
          await observe(seen, commit);
        }
        return value;
      },
    };
    const loaded = await PublicGroup.load({ ...server.provider, storage: racing }, seen.groupId);
    expect([loaded!.epoch, loaded!.members().length]).toEqual([2n, 3]);
  });

  it("lists its groups by one record each, apart from those of members", async () => {
    const all = await newWorld();
    const { seen, server } = await watch(all);
    const own = await MlsGroup.create(server.provider, server.signer, server.credentialWithKey, {
      cipherSuite: 1,
    });
    const reads: string[] = [];
    const { storage } = server;
    const counted: StorageProvider = {
      name: "counted",
      write: async (batch) => storage.write(batch),
      listOwners: async (table) => storage.listOwners(table),
      list: async (prefix) => (reads.push(`list ${prefix.table}`), storage.list(prefix)),
      get: async (key) => (reads.push(`get ${key.table}`), storage.get(key)),
    };
    const provider = { ...server.provider, storage: counted };
    expect(await PublicGroup.list(provider)).toEqual([
      {
        groupId: seen.groupId,
        cipherSuite: 1,
        epoch: 1n,
        memberCount: 4,
        ownLeafIndex: undefined,
        state: "active",
        restored: false,
      },
    ]);
    expect(reads).toEqual(["get group", "get group"]);
    expect(await MlsGroup.list(provider)).toEqual([
      {
        groupId: own.groupId,
        cipherSuite: 1,
        epoch: 0n,
        memberCount: 1,
        ownLeafIndex: 0,
        state: "active",
        restored: false,
      },
    ]);
    expect(await MlsGroup.load(provider, seen.groupId)).toBeUndefined();
    expect(await PublicGroup.load(provider, own.groupId)).toBeUndefined();
    const info = await own.exportGroupInfo(server.signer);
    await expect(PublicGroup.fromGroupInfo(provider, info)).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_EXISTS", "valn1403"),
    );
    await seen.delete();
    await expect(seen.reload()).rejects.toThrow(mlsError("ERR_MLS_GROUP_NOT_FOUND"));
    expect(await PublicGroup.list(provider)).toEqual([]);
  });

  it("of two objects on it the stale one recovers by reload", async () => {
    const all = await newWorld();
    const { seen, server } = await watch(all);
    const stale = (await PublicGroup.load(server.provider, seen.groupId))!;
    const { message } = await all.bob.group.propose(all.bob.signer, proposals.update());
    await seen.processMessage(message);
    const before = server.storage.entries();
    await expect(stale.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    expect(server.storage.entries()).toEqual(before);
    await stale.reload();
    expect(stale.knownProposals).toEqual(seen.knownProposals);
    await stale.delete();
    await expect(seen.reload()).rejects.toThrow(mlsError("ERR_MLS_GROUP_NOT_FOUND"));
  });
});
