import { nodeCrypto } from "@openmls-ts/crypto-node";
import { isReservedTable, RESERVED_TABLES, type StorageBatch, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  KeyPackage,
  MlsGroup,
  proposals,
  proposeToJoin,
  PublicGroup,
  StagedWelcome,
  type WriteOptions,
} from "../index.ts";
import { StagedExternalJoin } from "./staged-external-join.ts";
import { TABLES } from "../store/index.ts";
import {
  type Client,
  client,
  createGroup,
  follow,
  joinFrom,
  keyPackageOf,
  ownerOf,
} from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const KEY = { table: "app_inbox", owner: utf8("me"), id: utf8("1") };
const COUNTER = { table: "app_counter", owner: utf8("me"), id: utf8("") };

/** A client whose batches are seen. */
async function watched(name: string): Promise<Client & { readonly batches: StorageBatch[] }> {
  const owner = await client(name, crypto);
  const batches: StorageBatch[] = [];
  const { storage } = owner;
  const provider = {
    ...owner.provider,
    storage: {
      name: storage.name,
      get: storage.get.bind(storage),
      list: storage.list.bind(storage),
      listOwners: storage.listOwners.bind(storage),
      write: async (batch: StorageBatch) => {
        batches.push(structuredClone(batch));
        await storage.write(batch);
      },
    },
  };
  return { ...owner, provider, batches };
}

async function scene() {
  const [alice, bob] = [await watched("alice"), await client("bob", crypto)];
  const a = await createGroup(alice, { handshake: "public" });
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const { welcome } = await a.mergePendingCommit();
  return { alice, bob, a, b: await joinFrom(bob, welcome, { handshake: "public" }) };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** Each call that writes: prepared, then run with the option. */
const calls: Record<string, (s: Scene) => Promise<(also: WriteOptions<unknown>) => Promise<unknown>>> = {
  createMessage:
    async ({ a, alice }) =>
    async (also) =>
      a.createMessage(alice.signer, utf8("hi"), also),
  processMessage: async ({ a, b, bob }) => {
    const message = await b.createMessage(bob.signer, utf8("hello"));
    return async (also) => a.processMessage(message, also);
  },
  "processMessage of a proposal": async ({ a, b, bob }) => {
    const { message } = await b.propose(bob.signer, proposals.update());
    return async (also) => a.processMessage(message, also);
  },
  propose:
    async ({ a, alice }) =>
    async (also) =>
      a.propose(alice.signer, proposals.update(), also),
  leave:
    async ({ a, alice }) =>
    async (also) =>
      a.leave(alice.signer, also),
  "commit().build":
    async ({ a, alice }) =>
    async ({ alsoWrite }) =>
      (alsoWrite === undefined ? a.commit() : a.commit().alsoWrite(alsoWrite)).build(alice.signer),
  addMembers: async ({ a, alice }) => {
    const keyPackage = await keyPackageOf(await client("carol", crypto));
    return async (also) => a.addMembers(alice.signer, [keyPackage], also);
  },
  removeMembers:
    async ({ a, alice }) =>
    async (also) =>
      a.removeMembers(alice.signer, [1], also),
  selfUpdate:
    async ({ a, alice }) =>
    async (also) =>
      a.selfUpdate(alice.signer, {}, undefined, also),
  commitToPendingProposals:
    async ({ a, alice }) =>
    async (also) =>
      a.commitToPendingProposals(alice.signer, also),
  mergePendingCommit: async ({ a, alice }) => {
    await a.selfUpdate(alice.signer);
    return async (also) => a.mergePendingCommit(also);
  },
  clearPendingCommit: async ({ a, alice }) => {
    await a.selfUpdate(alice.signer);
    return async (also) => a.clearPendingCommit(also);
  },
  mergeStagedCommit: async ({ a, b, bob }) => {
    const { commit } = await b.selfUpdate(bob.signer);
    const processed = await a.processMessage(commit);
    if (processed.kind !== "commit") throw new Error("no commit");
    return async (also) => a.mergeStagedCommit(processed.stagedCommit, also);
  },
  delete:
    async ({ a }) =>
    async (also) =>
      a.delete(also),
  create:
    async ({ alice }) =>
    async ({ alsoWrite }) =>
      MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
        cipherSuite: 1,
        alsoWrite: alsoWrite!,
      }),
  builder:
    async ({ alice }) =>
    async ({ alsoWrite }) =>
      MlsGroup.builder().alsoWrite(alsoWrite!).build(alice.provider, alice.signer, alice.credentialWithKey),
  "KeyPackage.builder":
    async ({ alice }) =>
    async ({ alsoWrite }) =>
      KeyPackage.builder()
        .alsoWrite(alsoWrite!)
        .build(1, alice.provider, alice.signer, alice.credentialWithKey),
  "StagedWelcome.intoGroup": async ({ alice, bob }) => {
    const other = await createGroup(bob);
    await other.addMembers(bob.signer, [await keyPackageOf(alice)]);
    const { welcome } = await other.mergePendingCommit();
    const staged = await StagedWelcome.fromWelcome(alice.provider, welcome!);
    return async (also) => staged.intoGroup(also);
  },
  joinByExternalCommit: async ({ alice, bob }) => {
    const options = await invitation(alice, bob);
    return async (also) =>
      MlsGroup.joinByExternalCommit(alice.provider, alice.signer, { ...options, ...also });
  },
  "StagedExternalJoin.intoGroup": async ({ alice, bob }) => {
    const join = await MlsGroup.joinByExternalCommit(
      alice.provider,
      alice.signer,
      await invitation(alice, bob),
    );
    return async (also) => join.intoGroup(also);
  },
  "StagedExternalJoin.discard": async ({ alice, bob }) => {
    const join = await MlsGroup.joinByExternalCommit(
      alice.provider,
      alice.signer,
      await invitation(alice, bob),
    );
    return async (also) => join.discard(also);
  },
  branch: async ({ a, alice, bob }) => {
    const keyPackages = [await keyPackageOf(bob)];
    return async (also) => a.branch({ ...ownerOf(alice), keyPackages, ...also });
  },
  reinitialize: async ({ a, alice, bob }) => {
    await a
      .commit()
      .propose(proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 }))
      .build(alice.signer);
    await a.mergePendingCommit();
    const keyPackages = [await keyPackageOf(bob)];
    return async (also) => a.reinitialize({ ...ownerOf(alice), keyPackages, ...also });
  },
  setConfig:
    async ({ a }) =>
    async (also) =>
      a.setConfig({ paddingSize: 32 }, also),
  deletePastEpochs: async ({ a, alice }) => {
    await a.setConfig({ maxPastEpochs: 1 });
    await a.selfUpdate(alice.signer);
    await a.mergePendingCommit();
    return async (also) => a.deletePastEpochs({}, also);
  },
  queueProposal:
    async ({ a }) =>
    async (also) =>
      a.queueProposal(proposals.remove(1), also),
  storePendingProposal: async ({ a }) => {
    const carol = await client("carol", crypto);
    const { groupId, epoch } = a;
    const target = { groupId, epoch };
    const wish = await proposeToJoin(carol.provider, carol.signer, target, await keyPackageOf(carol));
    const processed = await a.processMessage(wish);
    if (processed.kind !== "proposal") throw new Error("no proposal");
    return async (also) => a.storePendingProposal(processed, also);
  },
  removePendingProposal: async ({ a, alice }) => {
    const proposal = await a.propose(alice.signer, proposals.remove(1));
    return async (also) => a.removePendingProposal(proposal, also);
  },
  restorePendingProposal: async ({ a, alice }) => {
    const proposal = await a.propose(alice.signer, proposals.remove(1));
    await a.removePendingProposal(proposal);
    return async (also) => a.restorePendingProposal(proposal, also);
  },
  clearPendingProposals: async ({ a, alice }) => {
    await a.propose(alice.signer, proposals.remove(1));
    return async (also) => a.clearPendingProposals(also);
  },
  "PublicGroup.fromGroupInfo": async ({ a, b, bob, alice }) => {
    await a.delete();
    const groupInfo = await b.exportGroupInfo(bob.signer);
    return async (also) => PublicGroup.fromGroupInfo(alice.provider, groupInfo, undefined, also);
  },
  "PublicGroup.removePendingProposal": async (s) => {
    const [group, proposal] = [await followed(s), await s.b.propose(s.bob.signer, proposals.remove(0))];
    await group.processMessage(proposal.message);
    return async (also) => group.removePendingProposal(proposal, also);
  },
  "PublicGroup.clearPendingProposals": async (s) => {
    const [group, { message }] = [await followed(s), await s.b.propose(s.bob.signer, proposals.remove(0))];
    await group.processMessage(message);
    return async (also) => group.clearPendingProposals(also);
  },
  "PublicGroup.processMessage": async (s) => {
    const [group, { message }] = [await followed(s), await s.b.propose(s.bob.signer, proposals.update())];
    return async (also) => group.processMessage(message, also);
  },
  "PublicGroup.mergeCommit": async (s) => {
    const [group, { commit }] = [await followed(s), await s.b.selfUpdate(s.bob.signer)];
    const processed = await group.processMessage(commit);
    if (processed.kind !== "commit") throw new Error("no commit");
    return async (also) => group.mergeCommit(processed.stagedCommit, also);
  },
  "PublicGroup.delete": async (s) => {
    const group = await followed(s);
    return async (also) => group.delete(also);
  },
};

async function invitation({ credentialWithKey }: Client, bob: Client) {
  const other = await createGroup(bob);
  return { groupInfo: await other.exportGroupInfo(bob.signer), credentialWithKey };
}

/** The scene's group, followed in Alice's store in the place of her own. */
async function followed({ a, b, bob, alice }: Scene): Promise<PublicGroup> {
  await a.delete();
  return PublicGroup.fromGroupInfo(alice.provider, await b.exportGroupInfo(bob.signer));
}

describe.each(Object.entries(calls))("%s", (_, prepare) => {
  it("writes the application's records in its own batch, and shows its result", async () => {
    const s = await scene();
    const call = await prepare(s);
    await s.alice.storage.write({ puts: [{ key: COUNTER, value: utf8("7") }] });
    const seen: unknown[] = [];
    const before = s.alice.batches.length;
    const value = utf8("record");
    const result = await call({
      alsoWrite: (shown: unknown) => {
        seen.push(shown);
        return {
          puts: [{ key: KEY, value }],
          deletes: [COUNTER],
          expect: [{ key: COUNTER, value: utf8("7") }],
        };
      },
    });
    expect(seen).toHaveLength(1);
    if (result !== undefined && !(seen[0] instanceof StagedExternalJoin)) {
      expect(seen[0]).toBe(result);
    }
    expect(value).toEqual(utf8("record"));
    const mine = s.alice.batches
      .slice(before)
      .filter(({ puts }) => puts?.some(({ key }) => key.table === KEY.table) === true);
    expect(mine).toHaveLength(1);
    const { puts = [], deletes = [], deletePrefixes = [] } = mine[0]!;
    const ofLibrary = [...puts.map(({ key }) => key), ...deletes, ...deletePrefixes];
    expect(ofLibrary.some(({ table }) => isReservedTable(table))).toBe(true);
    expect(await s.alice.storage.get(KEY)).toEqual(utf8("record"));
    expect(await s.alice.storage.get(COUNTER)).toBeUndefined();
  });

  it("does nothing when the application's expectation does not hold", async () => {
    const s = await scene();
    const call = await prepare(s);
    const [epoch, before] = [s.a.epoch, await s.alice.storage.listOwners("epoch")];
    const failing = call({
      alsoWrite: () => ({
        puts: [{ key: KEY, value: utf8("record") }],
        expect: [{ key: COUNTER, value: utf8("8") }],
      }),
    });
    await expect(failing).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    expect(await s.alice.storage.get(KEY)).toBeUndefined();
    expect([s.a.epoch, await s.alice.storage.listOwners("epoch")]).toEqual([epoch, before]);
    await call({}); // and it can be done again
  });
});

describe("what the application may write", () => {
  const puts = (table: string) => ({ puts: [{ key: { ...KEY, table }, value: utf8("x") }] });
  it.each<[string, unknown]>([
    ["a table of the library", () => puts("group")],
    ["a table kept for later", () => puts("mls_new")],
    ["a deletion in a table of the library", () => ({ deletePrefixes: [{ ...KEY, table: "message_key" }] })],
    ["an expectation on one", () => ({ expect: [{ key: { ...KEY, table: "epoch" }, value: undefined }] })],
    ["a promise", async () => puts("app")],
    ["text", () => "app"],
    ["a value that is text", () => ({ puts: [{ key: KEY, value: "x" }] })],
    ["nothing for a record", () => ({ puts: [null] })],
    ["no list", () => ({ deletes: KEY })],
    ["a misspelt part", () => ({ put: [] })],
    ["no function", "alsoWrite"],
    [
      "one that throws",
      () => {
        throw new Error("mine");
      },
    ],
  ])("refuses %s, and nothing has changed", async (_, alsoWrite) => {
    const { a, b, alice, bob } = await scene();
    const before = await alice.storage.list({ table: "message_key", owner: a.groupId, id: new Uint8Array() });
    const options = { alsoWrite } as WriteOptions<unknown>;
    await expect(a.createMessage(alice.signer, utf8("hi"), options)).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
    const after = await alice.storage.list({ table: "message_key", owner: a.groupId, id: new Uint8Array() });
    expect(after).toEqual(before);
    const message = await b.createMessage(bob.signer, utf8("hello"));
    await expect(a.processMessage(message, options)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect((await a.processMessage(message)).kind).toBe("application"); // its key was not spent
  });

  it("is asked about nothing when a message is refused for good", async () => {
    const { a, b, bob } = await scene();
    const message = await b.createMessage(bob.signer, utf8("once"));
    await a.processMessage(message);
    const alsoWrite = (): undefined => expect.fail("asked");
    await expect(a.processMessage(message, { alsoWrite })).rejects.toThrow(
      mlsError("ERR_MLS_SECRET_CONSUMED"),
    );
  });

  it("may call the group, but not wait for it", async () => {
    const { a, alice } = await scene();
    let inner: Promise<unknown> | undefined;
    await a.createMessage(alice.signer, utf8("hi"), {
      alsoWrite: () => {
        inner = a.createMessage(alice.signer, utf8("again"));
        inner.catch(() => undefined);
        return undefined;
      },
    });
    await expect(inner).rejects.toThrow(mlsError("ERR_MLS_REENTRANT"));
  });

  it("keeps an inbox in step over a restart", async () => {
    const { a, b, alice, bob } = await scene();
    const { commit } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(a, commit);
    const message = await b.createMessage(bob.signer, utf8("hello"));
    await a.processMessage(message, {
      alsoWrite: (processed) =>
        processed.kind === "application" ? { puts: [{ key: KEY, value: processed.data }] } : undefined,
    });
    const again = (await MlsGroup.load(alice.provider, a.groupId))!;
    await expect(again.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    expect(await alice.storage.get(KEY)).toEqual(utf8("hello"));
  });
});

it("every table of a group is reserved", () => {
  expect(TABLES.filter((table) => !isReservedTable(table))).toEqual([]);
  expect(RESERVED_TABLES).toContain("key_package");
});
