import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, type MlsErrorCode, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, MlsGroup, proposals, PskType, PublicGroup, StagedWelcome } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { scene } from "../testing/scene.ts";
import { forgeProposal } from "../testing/forge.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();

/** Bytes as most Node.js programs have them: a view on memory that is used again. */
function pooled(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

describe("a group that is loaded while another handle writes", () => {
  /** A store that lets something happen after the first read of a table. */
  function between(
    storage: StorageProvider,
    table: string,
    meanwhile: () => Promise<unknown>,
  ): StorageProvider {
    let done = false;
    const once = async (name: string): Promise<void> => {
      if (name === table && !done) {
        done = true;
        await meanwhile();
      }
    };
    return {
      name: "racing",
      get: async (key) => {
        const value = await storage.get(key);
        await once(key.table);
        return value;
      },
      list: async (prefix) => {
        const records = await storage.list(prefix);
        await once(prefix.table);
        return records;
      },
      listOwners: async (name) => storage.listOwners(name),
      write: async (batch) => storage.write(batch),
    };
  }

  it("does not use a message key again", async () => {
    const { alice, a, b } = await scene(crypto);
    const sent: Uint8Array[] = [];
    const storage = between(alice.storage, "message_key", async () => {
      sent.push(await a.createMessage(alice.signer, utf8("first")));
    });
    const second = await MlsGroup.load({ ...alice.provider, storage }, a.groupId);
    sent.push(await second!.createMessage(alice.signer, utf8("second")));
    for (const [at, text] of ["first", "second"].entries()) {
      expect(await b.processMessage(sent[at]!)).toMatchObject({ data: utf8(text) });
    }
  });

  it.each(["group", "tree_node", "path_key", "epoch", "message_key"])(
    "is of one epoch, also if the epoch ends after the read of %s",
    async (table) => {
      const { alice, a, b } = await scene(crypto);
      const storage = between(alice.storage, table, async () => {
        const { commit } = await a.selfUpdate(alice.signer);
        await a.mergePendingCommit();
        await follow(b, commit);
      });
      const second = await MlsGroup.load({ ...alice.provider, storage }, a.groupId);
      expect(second?.epochAuthenticator).toEqual(b.epochAuthenticator);
      const message = await second!.createMessage(alice.signer, utf8("hello"));
      expect(await b.processMessage(message)).toMatchObject({ data: utf8("hello") });
    },
  );
});

describe("bytes of the application", () => {
  it("may be used for something else once a call is over, also as a Buffer", async () => {
    const { alice, bob, charlie, mallory } = await newWorld();
    const dave = await newcomer("dave");
    const add = pooled(
      (await bob.group.propose(bob.signer, proposals.add(await keyPackageOf(dave)))).message,
    );
    const copy = add.toString("hex");
    await charlie.group.processMessage(pooled(add));
    await mallory.group.processMessage(pooled(add));
    await alice.group.processMessage(add);
    expect(add.toString("hex")).toBe(copy);
    add.fill(0);
    const made = await alice.group.commitToPendingProposals(alice.signer);
    const commit = pooled(made.commit);
    const processed = await charlie.group.processMessage(commit);
    commit.fill(0);
    if (processed.kind !== "commit") {
      throw new Error("no commit");
    }
    await charlie.group.mergeStagedCommit(processed.stagedCommit);
    await follow(bob.group, made.commit);
    const { welcome } = await alice.group.mergePendingCommit();
    const bytes = pooled(welcome!);
    const staged = await StagedWelcome.fromWelcome(dave.provider, bytes);
    bytes.fill(0);
    const d = await staged.intoGroup();
    for (const group of [bob.group, charlie.group, d]) {
      expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
      expect(group.exportRatchetTree()).toEqual(alice.group.exportRatchetTree());
    }
    const { commit: next } = await charlie.group.selfUpdate(charlie.signer);
    await follow(d, next);
  });

  it("do not stay those of a group that was made of them", async () => {
    const alice = await client("alice", crypto);
    const identity = pooled(utf8("alice"));
    const groupId = pooled(utf8("a group"));
    const extensions = [{ extensionType: 0xff01, extensionData: pooled(utf8("data")) }];
    const capabilities = {
      versions: [1],
      cipherSuites: [1],
      extensions: [0xff01],
      proposals: [],
      credentials: [1],
    };
    const credential = { credentialType: 1, identity } as const;
    const group = await MlsGroup.create(
      alice.provider,
      alice.signer,
      { credential, signatureKey: alice.signer.publicKey },
      { cipherSuite: 1, groupId, extensions, capabilities },
    );
    identity.fill(0);
    groupId.fill(0);
    extensions[0]!.extensionData.fill(0);
    capabilities.extensions.length = 0;
    const loaded = await MlsGroup.load(alice.provider, utf8("a group"));
    expect(group.groupContext).toEqual(loaded!.groupContext);
    expect(group.ownLeafNode).toEqual(loaded!.ownLeafNode);
    expect(group.exportRatchetTree()).toEqual(loaded!.exportRatchetTree());
    const changed = [{ extensionType: 0xff01, extensionData: utf8("other") }];
    await group.commitBuilder().groupContextExtensions(changed).build(alice.signer);
    changed[0]!.extensionData.fill(0);
    await group.mergePendingCommit();
    expect(group.extensions[0]?.extensionData).toEqual(utf8("other"));
  });

  it("that a group hands out are not its own", async () => {
    const { alice, bob } = await newWorld();
    const { group } = alice;
    const sent = await bob.group.propose(bob.signer, proposals.remove(2));
    const received = await group.processMessage(sent.message);
    const spoil = (value: unknown): void => {
      if (value instanceof Uint8Array) {
        value.fill(0xee);
      } else if (typeof value === "object" && value !== null) {
        for (const [key, inner] of Object.entries(value)) {
          spoil(inner);
          if (typeof inner === "number") {
            (value as Record<string, unknown>)[key] = 77;
          }
        }
      }
    };
    const look = (): string =>
      JSON.stringify(
        [group.groupContext, group.extensions, group.ownLeafNode, group.members(), group.pendingProposals],
        (_, value: unknown) =>
          value instanceof Uint8Array ? bytesToHex(value) : typeof value === "bigint" ? String(value) : value,
      );
    const before = look();
    spoil(group.groupContext);
    spoil(group.extensions);
    spoil(group.ownLeafNode);
    spoil(group.leafNode(1));
    spoil(group.members());
    spoil(group.pendingProposals);
    spoil(received);
    expect(look()).toBe(before);
    const { commit, summary } = await group.commitToPendingProposals(alice.signer);
    spoil(summary);
    spoil(group.pendingCommit);
    await follow(bob.group, commit);
    await group.mergePendingCommit();
    expect(group.exportRatchetTree()).toEqual(bob.group.exportRatchetTree());
  });
});

describe("proposals of a hostile member", () => {
  it("that no commit can carry do not keep the others from committing", async () => {
    const world = await newWorld();
    const { alice, bob, mallory } = world;
    const psk = { pskType: PskType.external, pskId: utf8("nobody has it") };
    const extensions = [{ extensionType: 0xff01, extensionData: new Uint8Array() }];
    const bad = [
      await mallory.group.propose(mallory.signer, proposals.psk(psk)),
      await forgeProposal(await insideOf(mallory), mallory.signer, { proposalType: 7, extensions }),
    ];
    const dave = await newcomer("dave");
    const good = await bob.group.propose(bob.signer, proposals.add(await keyPackageOf(dave)));
    for (const { message } of [...bad, good]) {
      await alice.group.processMessage(message);
    }
    for (const { message } of bad) {
      await bob.group.processMessage(message);
    }
    const { commit, summary } = await alice.group.removeMembers(alice.signer, [3]);
    expect(summary.added).toHaveLength(1);
    expect(summary.removed.map(({ leafIndex }) => leafIndex)).toEqual([3]);
    expect(summary.proposals).toHaveLength(2);
    await follow(bob.group, commit);
    const { welcome } = await alice.group.mergePendingCommit();
    const d = await joinFrom(dave, welcome);
    expect(d.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("are not counted twice by an observer", async () => {
    const { alice, bob } = await newWorld();
    const observer = await newcomer("observer");
    const watched = await PublicGroup.fromGroupInfo(
      observer.provider,
      await alice.group.exportGroupInfo(alice.signer),
    );
    const { message } = await bob.group.propose(bob.signer, proposals.remove(2));
    await watched.processMessage(message);
    await watched.processMessage(message);
    expect(watched.pendingProposals).toHaveLength(1);
  });
});

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

describe("a handle that is of no use any more", () => {
  async function staged(config: { maxPastEpochs: number }): Promise<{
    readonly world: Awaited<ReturnType<typeof newWorld>>;
    readonly merge: () => Promise<void>;
  }> {
    const world = await newWorld({ config });
    const { commit } = await world.alice.group.selfUpdate(world.alice.signer);
    const processed = await world.bob.group.processMessage(commit);
    if (processed.kind !== "commit") {
      throw new Error("no commit");
    }
    return { world, merge: async () => world.bob.group.mergeStagedCommit(processed.stagedCommit) };
  }

  const inactive: MlsErrorCode = "ERR_MLS_GROUP_INACTIVE";

  it.each([0, 3])("merges nothing (%i past epochs)", async (maxPastEpochs) => {
    const { world, merge } = await staged({ maxPastEpochs });
    const records = world.bob.storage.entries();
    await world.bob.group.close();
    await expect(merge()).rejects.toThrow(mlsError(inactive));
    expect(world.bob.storage.entries()).toEqual(records);
  });

  it("merges nothing after its removal", async () => {
    const { world, merge } = await staged({ maxPastEpochs: 0 });
    const { charlie, bob } = world;
    const { commit } = await charlie.group.removeMembers(charlie.signer, [1]);
    await follow(bob.group, commit);
    await expect(merge()).rejects.toThrow(mlsError(inactive));
  });

  it("is deleted once, and stays so after its removal", async () => {
    const { alice, bob } = await newWorld();
    const { commit } = await alice.group.removeMembers(alice.signer, [1]);
    await follow(bob.group, commit);
    await bob.group.delete();
    await alice.group.delete();
    await alice.group.delete();
    expect(await MlsGroup.load(alice.provider, alice.group.groupId)).toBeUndefined();
  });

  it("erases the message keys of an epoch that is not kept", async () => {
    const { alice, bob } = await newWorld({ config: { maxPastEpochs: 0 } });
    await bob.group.processMessage(await alice.group.createMessage(alice.signer, utf8("hello")));
    const keys = (): string[] =>
      bob.storage
        .entries()
        .filter(({ key }) => key.table === "message_key")
        .map(({ value }) => bytesToHex(value));
    const before = new Set(keys());
    expect(before.size).toBeGreaterThan(0);
    await follow(bob.group, (await alice.group.selfUpdate(alice.signer)).commit);
    expect(keys().length).toBeGreaterThan(0);
    expect(keys().filter((value) => before.has(value))).toEqual([]);
  });
});

describe("the echo of a commit of ours that is not pending here", () => {
  it.each(["private", "public"] as const)("is no ordinary echo (%s)", async (handshake) => {
    const { alice } = await newWorld({ config: { handshake } });
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.clearPendingCommit();
    await expectUnable(alice, async () => alice.group.processMessage(commit), "ERR_MLS_NO_PENDING_COMMIT");
  });
});

describe("a Welcome that takes the place of a group", () => {
  it("does so once", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const group = await createGroup(alice);
    const lastResort = await KeyPackage.builder()
      .markAsLastResort()
      .build(1, bob.provider, bob.signer, bob.credentialWithKey);
    await group.addMembers(alice.signer, [lastResort]);
    const { welcome } = await group.mergePendingCommit();
    await joinFrom(bob, welcome);
    await group.removeMembers(alice.signer, [1]);
    await group.mergePendingCommit();
    await group.addMembers(alice.signer, [lastResort]);
    const again = (await group.mergePendingCommit()).welcome!;
    const stage = async (): Promise<StagedWelcome> =>
      StagedWelcome.fromWelcome(bob.provider, again, { replaceOldGroup: true });
    const [first, second] = [await stage(), await stage()];
    const joined = await first.intoGroup();
    await joined.createMessage(bob.signer, utf8("one"));
    await expect(first.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    await expect(second.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
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

describe("what a stranger names too long", () => {
  it("is a PSK that is not at hand", async () => {
    const { alice, mallory } = await newWorld();
    const psk = { pskType: PskType.external, pskId: new Uint8Array(2000) };
    const { message } = await mallory.group.propose(mallory.signer, proposals.psk(psk));
    await alice.group.processMessage(message);
    await expectUnable(
      alice,
      async () =>
        alice.group.commitBuilder().includePendingProposals(false).injectPsk(psk).build(alice.signer),
      "ERR_MLS_MISSING_PSK",
    );
  });
});
