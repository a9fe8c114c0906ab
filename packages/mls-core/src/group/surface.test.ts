import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToKey, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { basicCredential, isProposal, KeyPackageIn, MlsGroup, ProposalType, proposals } from "../index.ts";
import { makeKeyPackageRef } from "../labels/index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { scene } from "../testing/scene.ts";
import { suiteOf, mlsError } from "../testing/suites.ts";
import { newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();
const text = utf8("hello");

describe.each(["private", "public"] as const)("the bundle of a pending commit (%s)", (handshake) => {
  it("has commit, Welcome, GroupInfo and for whom the Welcome is, the same after a restart and as the merge releases", async () => {
    const { alice, bob } = await newWorld({ config: { handshake } });
    const [dave, eve] = [await newcomer("dave"), await newcomer("eve")];
    const keyPackages = [await keyPackageOf(dave), await keyPackageOf(eve)];
    expect(alice.group.pendingCommitBundle).toBeUndefined();
    const { commit } = await alice.group.addMembers(alice.signer, keyPackages, { groupInfo: true });
    const bundle = alice.group.pendingCommitBundle!;
    expect(bundle.commit).toEqual(commit);
    const suite = await suiteOf(1);
    expect(bundle.welcomed).toEqual(
      keyPackages.map((keyPackage, i) => ({
        leafIndex: 4 + i,
        keyPackageRef: makeKeyPackageRef(suite, keyPackage.toMessage().subarray(4)),
      })),
    );
    expect(bundle.groupInfo).toBeInstanceOf(Uint8Array);
    bundle.commit.fill(0); // a copy
    let loaded = (await MlsGroup.load(alice.provider, alice.group.groupId))!;
    expect(loaded.pendingCommitBundle).toEqual({ ...bundle, commit });
    expect(loaded.pendingCommitMessage).toEqual(commit);
    expect(loaded.pendingCommit).toEqual(alice.group.pendingCommit);
    const { commit: _, ...others } = loaded.pendingCommitBundle!;
    expect(await loaded.mergePendingCommit()).toEqual(others);
    expect(loaded.pendingCommitBundle).toBeUndefined();
    loaded = (await MlsGroup.load(alice.provider, alice.group.groupId))!;
    expect(loaded.lastMergedCommit).toEqual(others);
    await follow(bob.group, commit);
    expect((await joinFrom(eve, others.welcome)).ownLeafIndex).toBe(5);
    expect((await joinFrom(dave, others.welcome)).epochAuthenticator).toEqual(bob.group.epochAuthenticator);
    const next = await loaded.selfUpdate(alice.signer);
    expect(loaded.pendingCommitBundle).toMatchObject({
      commit: next.commit,
      welcome: undefined,
      welcomed: [],
      groupInfo: undefined,
    });
  });
});

describe("members and key packages, named in any way", () => {
  it("members by index, object or credential", async () => {
    const { alice, bob } = await newWorld();
    const names = [
      2,
      alice.group.member(2)!,
      { leafIndex: 2 },
      basicCredential(utf8("charlie")),
      { credential: basicCredential(utf8("charlie")) },
    ];
    for (const name of names) {
      const { summary } = await alice.group.removeMembers(alice.signer, [name]);
      expect(summary.removed.map(({ leafIndex }) => leafIndex)).toEqual([2]);
      await alice.group.clearPendingCommit();
    }
    const { message } = await bob.group.propose(
      bob.signer,
      proposals.remove(basicCredential(utf8("charlie"))),
    );
    await alice.group.processMessage(message);
    expect(alice.group.pendingProposals[0]!.proposal).toEqual({ proposalType: 3, removed: 2 });
    await expect(alice.group.removeMembers(alice.signer, [basicCredential(utf8("nobody"))])).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
    await expect(alice.group.removeMembers(alice.signer, [77])).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0701"),
    );
    await expect(alice.group.removeMembers(alice.signer, [0])).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0303"),
    );
    expect(alice.group.pendingCommit).toBeUndefined();
  });

  it("one of two members with one credential by index alone", async () => {
    const alice = await client("alice", crypto);
    const twins = [await client("twin", crypto), await client("twin", crypto)];
    const a = await createGroup(alice);
    await a.addMembers(alice.signer, await Promise.all(twins.map(keyPackageOf)));
    await a.mergePendingCommit();
    await expect(a.removeMembers(alice.signer, [basicCredential(utf8("twin"))])).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
    expect((await a.removeMembers(alice.signer, [2])).summary.removed).toHaveLength(1);
  });

  it("key packages verified, or as the bytes of their MLSMessages; each that cannot be added by its index", async () => {
    const { alice } = await newWorld();
    const [dave, eve, frank] = [await newcomer("dave"), await newcomer("eve"), await newcomer("frank")];
    const bytes = (await keyPackageOf(eve)).toMessage();
    const { summary } = await alice.group.addMembers(alice.signer, [await keyPackageOf(dave), bytes]);
    expect(summary.added.map(({ identity }) => identity)).toEqual([utf8("dave"), utf8("eve")]);
    await alice.group.clearPendingCommit();
    const forged = (await keyPackageOf(frank)).toMessage();
    forged[forged.length - 1]! ^= 1;
    await expect(alice.group.addMembers(alice.signer, [bytes, forged])).rejects.toThrow(
      expect.objectContaining({
        details: { refused: [expect.objectContaining({ index: 1, code: "ERR_MLS_INVALID_SIGNATURE" })] },
      }) as Error,
    );
    const unverified = KeyPackageIn.fromMessage(bytes) as never;
    await expect(alice.group.addMembers(alice.signer, [unverified])).rejects.toThrow(/validate\(\)/u);
    expect(alice.group.pendingCommit).toBeUndefined();
  });
});

describe("leaving", () => {
  it("asks the others for a Remove where no feature has another way", async () => {
    const { alice, bob, charlie } = await newWorld();
    const { message } = await bob.group.leave(bob.signer);
    expect(bob.group.isActive).toBe(true);
    for (const { group } of [alice, charlie]) await group.processMessage(message);
    expect(
      alice.group.pendingProposals.map(
        ({ proposal }) => isProposal(proposal, ProposalType.remove) && proposal.removed,
      ),
    ).toEqual([1]);
    await expect(bob.group.createMessage(bob.signer, text)).rejects.toThrow(
      mlsError("ERR_MLS_PENDING_PROPOSALS", "rfc93"),
    );
    const own = await bob.group.commitToPendingProposals(bob.signer);
    expect(own.leftOut.map(({ reason }) => reason.rule)).toEqual(["valn0303"]); // nobody removes itself
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await follow(charlie.group, commit);
    await follow(bob.group, commit);
    expect(bob.group.isActive).toBe(false);
    expect(bob.storage.entries()).toEqual([]);
    expect(await MlsGroup.load(bob.provider, bob.group.groupId)).toBeUndefined();
  });
});

describe("reload", () => {
  it("lets an object go on that met a conflict, with nothing lost or used twice", async () => {
    const { a, b, alice, bob, sealed } = await scene(crypto);
    const other = (await MlsGroup.load(alice.provider, a.groupId))!;
    const first = await other.createMessage(alice.signer, utf8("first"));
    const conflict = mlsError("ERR_MLS_STORAGE_CONFLICT");
    await expect(a.createMessage(alice.signer, utf8("second"))).rejects.toThrow(conflict);
    const given = sealed.slice(0, -2);
    await a.reload();
    const second = await a.createMessage(alice.signer, utf8("second"));
    expect(await b.processMessage(second)).toMatchObject({ data: utf8("second") });
    expect(await b.processMessage(first)).toMatchObject({ data: utf8("first") });
    expect(given).not.toContain(sealed.at(-1));
    const { commit } = await a.selfUpdate(alice.signer);
    await expect(other.selfUpdate(alice.signer)).rejects.toThrow(conflict);
    await other.reload();
    expect(other.pendingCommitMessage).toEqual(commit);
    await follow(b, commit);
    await other.mergePendingCommit();
    await a.reload();
    expect(a.epochAuthenticator).toEqual(b.epochAuthenticator);
    await a.close();
    await a.reload(); // a closed object opens again
    await b.processMessage(await a.createMessage(alice.signer, text));
    await a.processMessage(await b.createMessage(bob.signer, text));
    await other.reload();
    await other.delete();
    await expect(a.reload()).rejects.toThrow(mlsError("ERR_MLS_GROUP_NOT_FOUND"));
  });

  it("that fails leaves the object as it was", async () => {
    const { a, alice, disk } = await scene(crypto);
    const before = a.epochAuthenticator;
    disk.failReads = true;
    await expect(a.reload()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    disk.failReads = false;
    expect(a.epochAuthenticator).toEqual(before);
    await a.createMessage(alice.signer, text);
  });
});

describe("setConfig", () => {
  it("changes what is given, here alone, also for the next start; what is refused changes nothing", async () => {
    const { alice, bob } = await newWorld({ config: { handshake: "private" } });
    const before = alice.group.config;
    const records = alice.storage.entries();
    for (const wrong of [
      { handshake: "Public" },
      { padding: 4 },
      { maxPastEpochs: -1 },
      { paddingSize: 2 ** 21 },
    ]) {
      await expect(alice.group.setConfig(wrong as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
    expect(alice.storage.entries()).toEqual(records);
    await alice.group.setConfig({ handshake: "public", paddingSize: 64, maxPastEpochs: undefined as never });
    const expected = { ...before, handshake: "public", paddingSize: 64 };
    expect(alice.group.config).toEqual(expected);
    const loaded = (await MlsGroup.load(alice.provider, alice.group.groupId))!;
    expect(loaded.config).toEqual(expected);
    const { commit } = await loaded.selfUpdate(alice.signer);
    expect(commit[3]).toBe(1); // public from now on
    await follow(bob.group, commit);
  });

  it("that shortens what is kept does so from the next epoch on", async () => {
    const { alice, bob, charlie } = await newWorld({ config: { maxPastEpochs: 3, resumptionPskEpochs: 4 } });
    const turn = async (): Promise<void> => {
      const { commit } = await alice.group.selfUpdate(alice.signer);
      await alice.group.mergePendingCommit();
      for (const { group } of [bob, charlie]) await follow(group, commit);
    };
    const late = await charlie.group.createMessage(charlie.signer, text);
    for (let i = 0; i < 3; i++) await turn();
    await bob.group.setConfig({ maxPastEpochs: 1, resumptionPskEpochs: 1 });
    expect((await MlsGroup.load(bob.provider, bob.group.groupId))!.config).toMatchObject({
      maxPastEpochs: 1,
    });
    await bob.group.reload();
    await turn();
    const count = (table: string): number =>
      bob.storage.entries().filter(({ key }) => key.table === table).length;
    expect(count("past_epoch")).toBe(1);
    expect(count("resumption_psk")).toBe(1);
    await expect(bob.group.processMessage(late)).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH"));
  });
});

describe("the list of groups", () => {
  it("tells where each stands, with one read each", async () => {
    const { alice } = await newWorld();
    const second = await createGroup(alice);
    await alice.group
      .commit()
      .propose(proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 }))
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    const reads: string[] = [];
    const { storage } = alice;
    const counted: StorageProvider = {
      name: "counted",
      write: async (batch) => storage.write(batch),
      listOwners: async (table) => (reads.push(`owners ${table}`), storage.listOwners(table)),
      list: async (prefix) => (reads.push(`list ${prefix.table}`), storage.list(prefix)),
      get: async (key) => (reads.push(`get ${key.table}`), storage.get(key)),
    };
    const listed = await MlsGroup.list({ ...alice.provider, storage: counted });
    expect(new Map(listed.map((one) => [bytesToKey(one.groupId), one]))).toEqual(
      new Map([
        [
          bytesToKey(alice.group.groupId),
          {
            groupId: alice.group.groupId,
            cipherSuite: 1,
            epoch: 2n,
            memberCount: 4,
            ownLeafIndex: 0,
            state: "reinitialized",
            restored: false,
          },
        ],
        [
          bytesToKey(second.groupId),
          {
            groupId: second.groupId,
            cipherSuite: 1,
            epoch: 0n,
            memberCount: 1,
            ownLeafIndex: 0,
            state: "active",
            restored: false,
          },
        ],
      ]),
    );
    expect(reads).toEqual(["owners group", "get group", "get group"]);
  });
});
