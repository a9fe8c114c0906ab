import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, StagedWelcome } from "../index.ts";
import { type Client, client, follow, keyPackageOf } from "../testing/client.ts";
import { clientWithDisk } from "../testing/scene.ts";
import { mlsError } from "../testing/suites.ts";
import { newcomer, newWorld, type Player, recordsOf, type World } from "../testing/world.ts";

const crypto = nodeCrypto();
const text = utf8("hello");
type Join = Awaited<ReturnType<typeof MlsGroup.joinByExternalCommit>>;

/** Bob fell behind: Alice and the others went on without him. */
async function behind(): Promise<World> {
  const all = await newWorld();
  const { alice, charlie, mallory } = all;
  const { commit } = await alice.group.selfUpdate(alice.signer);
  await alice.group.mergePendingCommit();
  for (const { group } of [charlie, mallory]) await follow(group, commit);
  return all;
}

async function join(joiner: Client, by: Player): Promise<Join> {
  return MlsGroup.joinByExternalCommit(joiner.provider, joiner.signer, {
    groupInfo: await by.group.exportGroupInfo(by.signer),
    credentialWithKey: joiner.credentialWithKey,
  });
}

/** The client after a restart: only its store is left. */
const pending = async (joiner: Client, groupId: Uint8Array): Promise<Join> =>
  (await MlsGroup.pendingExternalJoin(joiner.provider, groupId))!;

describe("a join from outside beside a group of the same id (RFC 9420 §12.4.3.2)", () => {
  it("leaves the old group as it is until the commit is accepted, then takes its place", async () => {
    const { alice, bob } = await behind();
    const late = await alice.group.createMessage(alice.signer, text);
    const before = recordsOf(bob);
    const staged = await join(bob, alice);
    expect(
      recordsOf(bob)
        .split("\n")
        .filter((line) => !line.startsWith("join "))
        .join("\n"),
    ).toBe(before);
    const again = await join(bob, alice);
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    await bob.group.createMessage(bob.signer, text); // it still is a group, and goes on writing
    await follow(alice.group, again.commit);
    const group = await again.intoGroup();
    expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    expect(group.members()).toHaveLength(4); // a resync: the old leaf went in the same commit
    await expect(bob.group.createMessage(bob.signer, text)).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    await bob.group.reload();
    expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    await expect(group.processMessage(late)).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH"));
  });

  it("knows the echo of its commit", async () => {
    const { alice, bob } = await behind();
    const staged = await join(bob, alice);
    await follow(alice.group, staged.commit);
    const group = await staged.intoGroup();
    const loaded = await MlsGroup.load(bob.provider, group.groupId);
    for (const one of [group, loaded!]) {
      expect(await one.processMessage(staged.commit)).toMatchObject({
        kind: "ownEcho",
        pendingCommit: false,
      });
    }
  });

  it("is carried out once", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    const staged = await join(dave, alice);
    const twin = await pending(dave, staged.groupId);
    await follow(alice.group, staged.commit);
    const outcomes = await Promise.allSettled([staged.intoGroup(), twin.intoGroup(), staged.intoGroup()]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") {
        expect(["ERR_MLS_STALE_COMMIT", "ERR_MLS_STORAGE_CONFLICT"]).toContain(
          (outcome.reason as { code: string }).code,
        );
      }
    }
    expect(await MlsGroup.pendingExternalJoin(dave.provider, staged.groupId)).toBeUndefined();
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    const group = await MlsGroup.load(dave.provider, staged.groupId);
    await alice.group.processMessage(await group!.createMessage(dave.signer, text));
  });

  it("that lost is discarded: the old group, its PSKs and all goes on", async () => {
    const { alice, bob } = await newWorld();
    const before = recordsOf(bob);
    const staged = await join(bob, alice);
    const { commit } = await alice.group.selfUpdate(alice.signer); // it is faster
    await alice.group.mergePendingCommit();
    await expect(alice.group.processMessage(staged.commit)).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH"));
    await staged.discard();
    await staged.discard();
    expect(recordsOf(bob)).toBe(before);
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT"));
    await follow(bob.group, commit);
    expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
  });

  it("never leads back: not from an old GroupInfo, nor where the old group caught up meanwhile", async () => {
    const { alice, bob } = await newWorld();
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    const staged = await join(bob, alice);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await follow(bob.group, commit);
    const before = recordsOf(bob);
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    expect(recordsOf(bob)).toBe(before);
    const { credentialWithKey, provider, signer } = bob;
    await expect(
      MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey }),
    ).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH"));
  });

  it("notices what another process writes at the very moment", async () => {
    for (const what of ["old group", "join"] as const) {
      const { alice, bob } = await behind();
      const staged = await join(bob, alice);
      const twin = await pending(bob, staged.groupId);
      await follow(alice.group, staged.commit);
      const { storage } = bob;
      let racing = true;
      const racer: StorageProvider = {
        name: "racing",
        get: async (key) => storage.get(key),
        list: async (prefix) => storage.list(prefix),
        listOwners: async (table) => storage.listOwners(table),
        write: async (batch) => {
          if (racing) {
            racing = false;
            await (what === "join" ? twin.discard() : bob.group.createMessage(bob.signer, text));
          }
          await storage.write(batch);
        },
      };
      const last = (await MlsGroup.pendingExternalJoin({ ...bob.provider, storage: racer }, staged.groupId))!;
      await expect(last.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
      expect((await MlsGroup.load(bob.provider, staged.groupId))!.epoch).toBe(1n);
      if (what === "old group") {
        expect((await last.intoGroup()).epochAuthenticator).toEqual(alice.group.epochAuthenticator);
      }
    }
  });

  it("is the way out of a store that is damaged", async () => {
    const { alice, bob } = await behind();
    const { groupId } = bob.group;
    const damaged = bob.storage.entries().filter(({ key }) => key.table === "group" || key.table === "epoch");
    await bob.storage.write({ puts: damaged.map(({ key }) => ({ key, value: Uint8Array.of(2, 1) })) });
    await expect(MlsGroup.load(bob.provider, groupId)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    const staged = await join(bob, alice);
    await follow(alice.group, staged.commit);
    const group = await staged.intoGroup();
    expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
  });
});

describe("a process that is killed between preparing and joining", () => {
  it("finds the join again, with the same bytes, and carries it out or gives it up", async () => {
    for (const accepted of [true, false]) {
      const { alice, bob } = await behind();
      const { commit, epoch, groupId } = await join(bob, alice);
      const old = (await MlsGroup.load(bob.provider, groupId))!;
      expect(old.epoch).toBe(1n); // the old group lives on
      const found = await pending(bob, groupId);
      expect([found.commit, found.epoch, found.groupId]).toEqual([commit, epoch, groupId]);
      if (accepted) {
        await follow(alice.group, found.commit);
        const group = await found.intoGroup();
        expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
        await alice.group.processMessage(await group.createMessage(bob.signer, text));
      } else {
        await found.discard();
        expect((await MlsGroup.load(bob.provider, groupId))!.epoch).toBe(1n);
      }
      expect(await MlsGroup.pendingExternalJoin(bob.provider, groupId)).toBeUndefined();
      expect(recordsOf(bob)).not.toMatch(/^join /m);
    }
  });

  it("before the join was stored has handed out nothing; after the last write, it has joined", async () => {
    const { alice } = await newWorld();
    const { owner: dave, disk } = await clientWithDisk("dave", crypto);
    disk.failWrite("refuse");
    await expect(join(dave, alice)).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    expect(recordsOf(dave)).toBe("");
    const staged = await join(dave, alice);
    await follow(alice.group, staged.commit);
    disk.failWrite("lose"); // written, and killed before the answer came
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    expect(await MlsGroup.pendingExternalJoin(dave.provider, staged.groupId)).toBeUndefined();
    const group = (await MlsGroup.load(dave.provider, staged.groupId))!;
    expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    expect(await group.processMessage(staged.commit)).toMatchObject({ kind: "ownEcho" });
  });

  it("and whose record of the join is damaged is told so", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    const { groupId } = await join(dave, alice);
    const { key, value } = dave.storage.entries().find((entry) => entry.key.table === "join")!;
    for (const damaged of [
      value.slice(0, -1),
      value.slice(0, 40),
      Uint8Array.of(1, ...value.subarray(1)),
      new Uint8Array(),
    ]) {
      await dave.storage.write({ puts: [{ key, value: damaged }] });
      await expect(MlsGroup.pendingExternalJoin(dave.provider, groupId)).rejects.toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
    }
  });
});

describe("two joins at once from one Welcome", () => {
  it("use one KeyPackage once", async () => {
    const { alice } = await newWorld();
    const dave = await client("dave", crypto);
    await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    const { welcome } = await alice.group.mergePendingCommit();
    const [first, second] = [
      await StagedWelcome.fromWelcome(dave.provider, welcome!),
      await StagedWelcome.fromWelcome(dave.provider, welcome!),
    ];
    const outcomes = await Promise.allSettled([first.intoGroup(), second.intoGroup()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const group = await MlsGroup.load(dave.provider, alice.group.groupId);
    await alice.group.processMessage(await group!.createMessage(dave.signer, text));
    await expect(second.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS"));
  });

  it("use one KeyPackage once, also for different groups", async () => {
    const [one, two] = [await newWorld(), await newWorld()];
    const dave = await client("dave", crypto);
    const keyPackage = await keyPackageOf(dave);
    const staged = [];
    for (const { alice } of [one, two]) {
      await alice.group.addMembers(alice.signer, [keyPackage]);
      const { welcome } = await alice.group.mergePendingCommit();
      staged.push(await StagedWelcome.fromWelcome(dave.provider, welcome!));
    }
    const outcomes = await Promise.allSettled(staged.map(async (welcome) => welcome.intoGroup()));
    const codes = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? "joined" : (outcome.reason as { code: string }).code,
    );
    expect(codes.sort()).toEqual(["ERR_MLS_STORAGE_CONFLICT", "joined"]);
    expect(await MlsGroup.list(dave.provider)).toHaveLength(1);
  });
});
