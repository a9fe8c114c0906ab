import type { EpochState } from "../epoch/index.ts";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, Secret, type StorageBatch, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Writer } from "../codec/index.ts";
import { MlsGroup, proposals } from "../index.ts";
import type { MemberState } from "../store/index.ts";
import { client, keyPackageOf } from "../testing/client.ts";
import { handleOf } from "../testing/inside.ts";
import { scene, type Scene } from "../testing/scene.ts";
import { mlsError } from "../testing/suites.ts";
import { buildCommit } from "./commit/build-commit.ts";
import { clearPending, mergeMember } from "./commit/merge.ts";
import type { GroupHandle } from "./handle.ts";
import { discardJoin, stageJoin } from "./join/stage-welcome.ts";
import { Waiting } from "./proposal-view.ts";
import { processMessage } from "./receive/process-message.ts";
import { openStagedCommit } from "./receive/staged-commit.ts";
import { createMessage } from "./send/create-message.ts";
import { draftArgument } from "./send/drafts.ts";
import { propose } from "./send/propose.ts";

const crypto = nodeCrypto();
const NOTHING = new Uint8Array();

type Handle = GroupHandle<MemberState>;

/** Alice's handle, with what her public object would do. */
async function alices(s: Scene) {
  const handle = await handleOf({ ...s.alice, group: s.a });
  const { signer } = s.alice;
  return {
    handle,
    say: async () =>
      handle.transact(async (state, t) => createMessage(handle, state, t, signer, utf8("hi"), NOTHING)),
    commit: async (...drafts: Parameters<typeof draftArgument>[0][]) =>
      handle.transact(async (state, t) =>
        buildCommit(handle, state, t, signer, { proposals: drafts.map(draftArgument), forcePath: true }),
      ),
    clear: async () => handle.transact(async (state, t) => clearPending(handle, state, t)),
    merge: async () =>
      handle.transact(async (state, t) =>
        mergeMember(handle, state, t, { ...state.pending!, spent: undefined }),
      ),
    update: async () =>
      handle.transact(async (state, t) => propose(handle, state, t, signer, proposals.update(), NOTHING)),
  };
}

async function stage(handle: Handle, message: Uint8Array) {
  const waiting = new Waiting(handle.env.limits);
  const processed = await handle.transact(async (state, t) =>
    processMessage(handle, state, t, message, waiting),
  );
  if (processed instanceof Error || processed.kind !== "commit") throw new Error("no commit");
  return processed.stagedCommit;
}

const gone = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const messageKeys = ({ alice }: Scene): string[] =>
  alice.storage
    .entries()
    .filter(({ key }) => key.table === "message_key")
    .map(({ key }) => bytesToHex(key.id.subarray(8)))
    .sort();

afterEach(() => {
  vi.restoreAllMocks();
});

describe("message keys", () => {
  it("after a write that was refused are in the store as they are in memory", async () => {
    const s = await scene(crypto);
    const { handle, say } = await alices(s);
    s.disk.failWrite("refuse");
    await expect(say()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    await say();
    const inMemory = handle.state.secretTree
      .all()
      .map(({ id }) => bytesToHex(id))
      .sort();
    expect(messageKeys(s)).toEqual(inMemory);
    const plain = await scene(crypto); // without a fault: the same records
    await (await alices(plain)).say();
    expect(messageKeys(s)).toEqual(messageKeys(plain));
  });

  it("of a commit that is given up, lost, or staged and dropped are erased", async () => {
    const s = await scene(crypto);
    const { handle, commit, clear } = await alices(s);
    await commit();
    const first = handle.state.pending!.secretTree;
    expect(first.all()).not.toEqual([]);
    await clear();
    expect(first.all()).toEqual([]);
    await commit();
    const second = handle.state.pending!.secretTree;
    const other = (await s.b.selfUpdate(s.bob.signer)).commit;
    const dropped = await stage(handle, other);
    const { secretTree } = openStagedCommit(dropped);
    dropped.discard();
    expect(secretTree!.all()).toEqual([]);
    const staged = openStagedCommit<EpochState>(await stage(handle, other));
    await handle.transact(async (state, t) => mergeMember(handle, state, t, staged));
    expect(second.all()).toEqual([]);
    expect(handle.state.secretTree.all()).not.toEqual([]);
  });

  it("of a Welcome that is dropped are erased", async () => {
    const s = await scene(crypto);
    const carol = await client("carol", crypto);
    await s.a.addMembers(s.alice.signer, [await keyPackageOf(carol)]);
    const { welcome } = await s.a.mergePendingCommit();
    const join = await stageJoin(carol.provider, welcome!, undefined);
    expect(join.secretTree.all()).not.toEqual([]);
    discardJoin(join);
    expect(join.secretTree.all()).toEqual([]);
  });
});

describe("secrets of what is over", () => {
  it("the past epochs that are dropped, and the keys of Updates that nobody committed", async () => {
    const s = await scene(crypto, { maxPastEpochs: 1 });
    const { handle, commit, merge, update } = await alices(s);
    await update();
    const [proposed] = [...handle.state.ownUpdates.values()].map((secret) => secret.expose());
    await commit();
    await merge();
    expect(gone(proposed!)).toBe(true);
    const [past] = handle.state.past;
    const sender = past!.senderDataSecret.expose();
    expect(gone(sender)).toBe(false);
    await commit();
    await merge();
    expect(handle.state.past).toHaveLength(1);
    expect(gone(sender)).toBe(true);
    expect(past!.secretTree.all()).toEqual([]);
    const kept = s.alice.storage.entries().filter(({ key }) => key.table === "message_key");
    expect(new Set(kept.map(({ key }) => bytesToHex(key.id.subarray(0, 8)))).size).toBe(2);
  });

  it("every record of an epoch that is not kept", async () => {
    const s = await scene(crypto, { maxPastEpochs: 0 });
    const { handle, commit, merge, say } = await alices(s);
    await say();
    await commit();
    await merge();
    const epochs = s.alice.storage
      .entries()
      .filter(({ key }) => key.table === "message_key")
      .map(({ key }) => key.id[7]);
    expect(new Set(epochs)).toEqual(new Set([Number(handle.state.epoch.groupContext.epoch)]));
  });

  it("the state that a reload replaces", async () => {
    const s = await scene(crypto, { maxPastEpochs: 1 });
    const { handle, commit } = await alices(s);
    await commit();
    const { epoch, secretTree, pending } = handle.state;
    const secrets = [epoch.secrets.initSecret, pending!.staged.next.secrets.initSecret].map((secret) =>
      secret.expose(),
    );
    await handle.reload();
    expect(secrets.some(gone)).toBe(false); // nobody else wrote: there is nothing to replace
    const other = (await MlsGroup.load(s.alice.provider, handle.records.groupId))!;
    await other.setConfig({ maxPastEpochs: 2 });
    await handle.reload();
    expect(secrets.every(gone)).toBe(true);
    expect(secretTree.all()).toEqual([]);
    expect(handle.state.secretTree.all()).not.toEqual([]);
  });

  it("copies of secrets, made on the way of a commit, do not outlive it", async () => {
    const s = await scene(crypto);
    const { handle, commit, merge } = await alices(s);
    const keyPackage = await keyPackageOf(await client("carol", crypto));
    const copies: Secret[] = [];
    vi.spyOn(Secret.prototype, "clone").mockImplementation(function (this: Secret) {
      const copy = new Secret(this.expose().slice());
      copies.push(copy);
      return copy;
    });
    await commit(proposals.add(keyPackage));
    await merge();
    await handle.close();
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.filter(({ length }) => length > 0)).toEqual([]);
  });
});

describe("encoded secrets", () => {
  it("are erased once they are part of a record, and records once they are written, or refused", async () => {
    const s = await scene(crypto);
    const written: Uint8Array[] = [];
    const { provider } = s.alice;
    const watching: StorageProvider = {
      name: "watching",
      get: async (key) => provider.storage.get(key),
      list: async (prefix) => provider.storage.list(prefix),
      listOwners: async (table) => provider.storage.listOwners(table),
      write: async (batch: StorageBatch) => {
        written.push(...(batch.puts ?? []).map(({ value }) => value));
        await provider.storage.write(batch);
      },
    };
    const alice = { ...s.alice, provider: { ...provider, storage: watching } };
    const { handle, commit, merge, say, update } = await alices({ ...s, alice });
    const encoded: Uint8Array[] = [];
    vi.spyOn(Writer.prototype, "finish").mockImplementation(function (this: Writer) {
      encoded.push(this.data);
      return this.data;
    });
    await say();
    await update();
    const own = [...handle.state.ownUpdates.values()].map((secret) => bytesToHex(secret.expose()));
    await commit();
    const { secrets } = handle.state.pending!.staged.next;
    const names = [
      "initSecret",
      "exporterSecret",
      "senderDataSecret",
      "membershipKey",
      "resumptionPsk",
    ] as const;
    const searched = [...names.map((name) => bytesToHex(secrets[name].expose())), ...own];
    s.disk.failWrite("refuse");
    await expect(merge()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    await merge();
    expect(written.length).toBeGreaterThan(5);
    expect(written.every(gone)).toBe(true);
    const texts = encoded.map(bytesToHex);
    expect(texts.length).toBeGreaterThan(20);
    for (const secret of searched) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  });
});
