import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  MlsGroup,
  type ProcessedMessage,
  proposals,
  proposeToJoin,
  type StagedCommit,
  StagedWelcome,
} from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import type { Fault } from "../testing/faulty-storage.ts";
import { entries, own } from "../testing/history/checks.ts";
import { clientWithDisk, type Scene, scene } from "../testing/scene.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const text = utf8("text");

/** An operation of Alice that writes once, up to the point where it is called. */
type Prepare = (s: Scene) => Promise<() => Promise<unknown>>;

async function commitOf(message: ProcessedMessage): Promise<StagedCommit> {
  if (message.kind !== "commit") {
    throw new Error(`a ${message.kind}`);
  }
  return message.stagedCommit;
}

const OPERATIONS: Readonly<Record<string, Prepare>> = {
  "sending a message":
    async ({ alice, a }) =>
    async () =>
      a.createMessage(alice.signer, text),
  "reading a message": async ({ a, b, bob }) => {
    const message = await b.createMessage(bob.signer, text);
    return async () => a.processMessage(message);
  },
  "sending a proposal":
    async ({ alice, a }) =>
    async () =>
      a.propose(alice.signer, proposals.groupContextExtensions([])),
  "proposing an update":
    async ({ alice, a }) =>
    async () =>
      a.propose(alice.signer, proposals.update()),
  "reading a proposal": async ({ a, b, bob }) => {
    const { message } = await b.propose(bob.signer, proposals.update());
    return async () => a.processMessage(message);
  },
  "keeping a proposal from outside": async ({ a }) => {
    const carol = await client("carol", crypto);
    const message = await proposeToJoin(carol.provider, carol.signer, a, await keyPackageOf(carol));
    const processed = await a.processMessage(message);
    return async () => {
      if (processed.kind === "proposal") {
        await a.storePendingProposal(processed);
      }
    };
  },
  "dropping a proposal": async ({ alice, a }) => {
    const { reference } = await a.propose(alice.signer, proposals.groupContextExtensions([]));
    return async () => a.removePendingProposal(reference);
  },
  committing:
    async ({ alice, a }) =>
    async () =>
      a.selfUpdate(alice.signer),
  "adding a member": async ({ alice, a }) => {
    const keyPackage = await keyPackageOf(await client("carol", crypto));
    return async () => a.addMembers(alice.signer, [keyPackage]);
  },
  "clearing a commit": async ({ alice, a }) => {
    await a.selfUpdate(alice.signer);
    return async () => a.clearPendingCommit();
  },
  "merging an own commit": async ({ alice, a }) => {
    await a.selfUpdate(alice.signer);
    return async () => a.mergePendingCommit();
  },
  "merging a received commit": async ({ a, b, bob }) => {
    const staged = await commitOf(await a.processMessage((await b.selfUpdate(bob.signer)).commit));
    return async () => a.mergeStagedCommit(staged);
  },
  "merging a received commit while one of ours is pending": async ({ alice, a, b, bob }) => {
    await a.selfUpdate(alice.signer);
    const staged = await commitOf(await a.processMessage((await b.selfUpdate(bob.signer)).commit));
    return async () => a.mergeStagedCommit(staged);
  },
  "merging one's removal": async ({ a, b, bob }) => {
    const { commit } = await b.removeMembers(bob.signer, [a.ownLeafIndex]);
    const staged = await commitOf(await a.processMessage(commit));
    return async () => a.mergeStagedCommit(staged);
  },
  "deleting the group":
    async ({ a }) =>
    async () =>
      a.delete(),
};

const CODES = {
  refuse: "ERR_MLS_STORAGE",
  conflict: "ERR_MLS_STORAGE_CONFLICT",
  lose: "ERR_MLS_STORAGE",
} as const;
const NOTHING_WRITTEN: readonly Fault[] = ["refuse", "conflict"];
const names = Object.keys(OPERATIONS);
const cases = names.flatMap((name) => NOTHING_WRITTEN.map((fault) => ({ name, fault })));

describe("a write that fails", () => {
  it.each(cases)(
    "changes nothing when $name ($fault), and the second try succeeds (trap50)",
    async ({ name, fault }) => {
      const s = await scene(crypto);
      const operation = await OPERATIONS[name]!(s);
      const before = { memory: own(s.a), store: entries(s.alice.storage), sealed: s.sealed.length };
      s.disk.failWrite(fault);
      s.disk.resetCounts();
      s.disk.failWrite(fault);
      await expect(operation()).rejects.toThrow(mlsError(CODES[fault]));
      expect(s.disk.writes).toBe(1);
      expect(own(s.a)).toEqual(before.memory);
      expect(entries(s.alice.storage)).toEqual(before.store);
      const loaded = await MlsGroup.load(s.alice.provider, s.a.groupId);
      expect(own(loaded!)).toEqual(before.memory);
      await operation();
      expect(s.disk.writes).toBe(2);
      expect(entries(s.alice.storage)).not.toEqual(before.store);
      expect(new Set(s.sealed).size).toBe(s.sealed.length); // the second try takes other keys
    },
  );

  it.each(names)(
    "whose answer alone is lost when %s stops the object, and a fresh one knows it",
    async (name) => {
      const s = await scene(crypto);
      const operation = await OPERATIONS[name]!(s);
      const memory = own(s.a);
      s.disk.failWrite("lose");
      await expect(operation()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
      expect(own(s.a)).toEqual(memory);
      const store = entries(s.alice.storage);
      await expect(
        s.a.createMessage(s.alice.signer, text).catch(async () => s.a.selfUpdate(s.alice.signer)),
      ).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/CONFLICT|PENDING_COMMIT/) as string }),
      );
      expect(entries(s.alice.storage)).toEqual(store);
      const loaded = await MlsGroup.load(s.alice.provider, s.a.groupId);
      if (loaded === undefined) {
        expect(store).toEqual([]); // Alice left
        return;
      }
      await loaded.clearPendingCommit();
      for (const { reference } of loaded.pendingProposals) {
        await loaded.removePendingProposal(reference);
      }
      const sealedBefore = new Set(s.sealed);
      await loaded.createMessage(s.alice.signer, text);
      expect(sealedBefore.has(s.sealed.at(-1)!)).toBe(false);
    },
  );
});

describe("a store that fails outside of a group", () => {
  it.each(["refuse", "conflict"] as const)("creates no group (%s)", async (fault) => {
    const { owner, disk } = await clientWithDisk("carol", crypto);
    disk.failWrite(fault);
    await expect(createGroup(owner)).rejects.toThrow(mlsError(CODES[fault]));
    expect(entries(owner.storage)).toEqual([]);
    expect((await createGroup(owner)).epoch).toBe(0n);
  });

  it.each(["refuse", "conflict"] as const)("makes no KeyPackage (%s)", async (fault) => {
    const { owner, disk } = await clientWithDisk("carol", crypto);
    disk.failWrite(fault);
    await expect(keyPackageOf(owner)).rejects.toThrow(mlsError(CODES[fault]));
    expect(entries(owner.storage)).toEqual([]);
  });

  it.each(["refuse", "conflict"] as const)("joins no group and keeps the KeyPackage (%s)", async (fault) => {
    const { a, alice } = await scene(crypto);
    const { owner: carol, disk } = await clientWithDisk("carol", crypto);
    await a.addMembers(alice.signer, [await keyPackageOf(carol)]);
    const { welcome } = await a.mergePendingCommit();
    const staged = await StagedWelcome.fromWelcome(carol.provider, welcome!);
    const before = entries(carol.storage);
    disk.failWrite(fault);
    await expect(staged.intoGroup()).rejects.toThrow(mlsError(CODES[fault]));
    expect(entries(carol.storage)).toEqual(before);
    const c = await staged.intoGroup();
    expect(c.epochAuthenticator).toEqual(a.epochAuthenticator);
    const hello = await c.createMessage(carol.signer, text);
    expect(await a.processMessage(hello)).toMatchObject({ kind: "application", data: text });
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
  });

  it.each(["refuse", "conflict"] as const)("joins no group from outside (%s)", async (fault) => {
    const { a, alice } = await scene(crypto);
    const { owner: carol, disk } = await clientWithDisk("carol", crypto);
    const { signer, credentialWithKey, provider } = carol;
    const groupInfo = await a.exportGroupInfo(alice.signer);
    const join = await MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey });
    await follow(a, join.commit);
    const waiting = entries(carol.storage);
    disk.failWrite(fault);
    await expect(join.intoGroup()).rejects.toThrow(mlsError(CODES[fault]));
    expect(entries(carol.storage)).toEqual(waiting);
    const c = await join.intoGroup();
    expect(c.epochAuthenticator).toEqual(a.epochAuthenticator);
    const hello = await c.createMessage(signer, text);
    expect(await a.processMessage(hello)).toMatchObject({ kind: "application", data: text });
  });

  it("is never taken for an empty one (trap49)", async () => {
    const { a, alice, disk } = await scene(crypto);
    const { owner: carol, disk: carolsDisk } = await clientWithDisk("carol", crypto);
    await a.addMembers(alice.signer, [await keyPackageOf(carol)]);
    const { welcome } = await a.mergePendingCommit();
    const groupInfo = await a.exportGroupInfo(alice.signer);
    const staged = await StagedWelcome.fromWelcome(carol.provider, welcome!);
    disk.failReads = true;
    carolsDisk.failReads = true;
    const { signer, credentialWithKey, provider } = carol;
    const reads: readonly (() => Promise<unknown>)[] = [
      async () => MlsGroup.load(alice.provider, a.groupId),
      async () => MlsGroup.list(alice.provider),
      async () => createGroup(carol),
      async () => StagedWelcome.fromWelcome(provider, welcome!),
      async () => staged.intoGroup(),
      async () => MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey }),
      async () => a.commitBuilder().injectPsk({ pskType: 1, pskId: text }).build(alice.signer),
    ];
    for (const read of reads) {
      await expect(read()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    }
  });
});

describe("two objects on one store", () => {
  it("the stale one can neither send nor read, writes nothing, and recovers by loading", async () => {
    const { a, b, alice, bob, sealed } = await scene(crypto);
    const stale = (await MlsGroup.load(alice.provider, a.groupId))!;
    const fromBob = await b.createMessage(bob.signer, utf8("to alice"));
    const first = await a.createMessage(alice.signer, utf8("first"));
    const taken = sealed.at(-2);
    const before = { memory: own(stale), store: entries(alice.storage) };
    for (const operation of [
      async () => stale.createMessage(alice.signer, utf8("stale")),
      async () => stale.processMessage(fromBob),
      async () => stale.propose(alice.signer, proposals.update()),
      async () => stale.selfUpdate(alice.signer),
      async () => stale.delete(),
    ]) {
      await expect(operation()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
      expect(own(stale)).toEqual(before.memory);
      expect(entries(alice.storage)).toEqual(before.store);
    }
    const fresh = (await MlsGroup.load(alice.provider, a.groupId))!;
    const from = sealed.length;
    const second = await fresh.createMessage(alice.signer, utf8("second"));
    expect(sealed.slice(from)).not.toContain(taken);
    expect(await fresh.processMessage(fromBob)).toMatchObject({ data: utf8("to alice") });
    expect(await b.processMessage(second)).toMatchObject({ data: utf8("second") });
    expect(await b.processMessage(first)).toMatchObject({ data: utf8("first") });
  });

  it("a commit that one of them merged cannot be merged by the other", async () => {
    const { a, b, alice } = await scene(crypto);
    const { commit } = await a.selfUpdate(alice.signer);
    const stale = (await MlsGroup.load(alice.provider, a.groupId))!;
    await follow(b, commit);
    await a.mergePendingCommit();
    const store = entries(alice.storage);
    await expect(stale.mergePendingCommit()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    await expect(stale.clearPendingCommit()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    expect(entries(alice.storage)).toEqual(store);
    const fresh = (await MlsGroup.load(alice.provider, a.groupId))!;
    expect(fresh.epochAuthenticator).toEqual(b.epochAuthenticator);
  });

  it("an object from before the group was deleted and joined again stays stale", async () => {
    const { a, b, alice, bob } = await scene(crypto);
    const stale = (await MlsGroup.load(alice.provider, a.groupId))!;
    await a.delete();
    const groupInfo = await b.exportGroupInfo(bob.signer);
    const { signer, credentialWithKey, provider } = alice;
    const join = await MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey });
    await follow(b, join.commit);
    const again = await join.intoGroup();
    for (let i = 0; i < 4; i++) {
      const store = entries(alice.storage);
      await expect(stale.createMessage(signer, text)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
      expect(entries(alice.storage)).toEqual(store);
      await again.createMessage(signer, text);
    }
  });
});

describe("any single write that fails in a longer story", () => {
  /** The story of Alice, Bob and Carol; each call of Alice is made again if the store failed. */
  async function story(fault: Fault, n: number): Promise<number> {
    const { alice, disk, sealed, bob, a, b } = await scene(crypto, { maxPastEpochs: 4 });
    const carol = await client("carol", crypto);
    disk.resetCounts();
    disk.failWrite(fault, n);
    const twice = async <T>(operation: () => Promise<T>): Promise<T> =>
      operation().catch(async (error: unknown) => {
        expect(error).toEqual(mlsError(CODES[fault]));
        return operation();
      });
    const released: Uint8Array[] = [];
    const say = async (): Promise<void> => {
      released.push(await twice(async () => a.createMessage(alice.signer, text)));
    };
    await say();
    const late = await b.createMessage(bob.signer, text);
    const keyPackage = await keyPackageOf(carol);
    const added = await twice(async () => a.addMembers(alice.signer, [keyPackage]));
    await say();
    await follow(b, added.commit);
    const { welcome } = await twice(async () => a.mergePendingCommit());
    const c = await joinFrom(carol, welcome);
    await twice(async () => a.processMessage(late));
    const update = await twice(async () => a.propose(alice.signer, proposals.update()));
    await b.processMessage(update.message);
    await c.processMessage(update.message);
    const committed = await c.commitToPendingProposals(carol.signer);
    await c.mergePendingCommit();
    await follow(b, committed.commit);
    const staged = await commitOf(await a.processMessage(committed.commit));
    await twice(async () => a.mergeStagedCommit(staged));
    await say();
    await twice(async () => a.selfUpdate(alice.signer));
    await twice(async () => a.clearPendingCommit());
    const removal = await b.removeMembers(bob.signer, [c.ownLeafIndex]);
    await b.mergePendingCommit();
    await follow(c, removal.commit);
    const stagedRemoval = await commitOf(await a.processMessage(removal.commit));
    await twice(async () => a.mergeStagedCommit(stagedRemoval));
    await say();
    for (const message of released.slice(1)) {
      expect(await b.processMessage(message)).toMatchObject({ data: text });
    }
    expect(a.epochAuthenticator).toEqual(b.epochAuthenticator);
    const loaded = await MlsGroup.load(alice.provider, a.groupId);
    expect(own(loaded!)).toEqual(own(a));
    expect(new Set(sealed).size).toBe(sealed.length);
    return disk.writes;
  }

  it.each(["refuse", "conflict"] as const)("is made good by trying again (%s)", async (fault) => {
    const writes = await story(fault, 0);
    expect(writes).toBeGreaterThan(10);
    for (let n = 1; n <= writes; n++) {
      expect(await story(fault, n)).toBe(writes + 1);
    }
  });
});
