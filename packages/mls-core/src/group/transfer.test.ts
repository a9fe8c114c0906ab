import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  exportGroup,
  importGroup,
  type MlsGroup,
  MlsGroup as Group,
  proposals,
  PublicGroup,
} from "../index.ts";
import { type Client, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const refused = mlsError("ERR_MLS_RESTORED");

/** Alice's group on her old device with Bob, and her new device, which has her signer and nothing else. */
async function moving(crypto: CryptoProvider, suite = 1) {
  const alice = await client("alice", crypto, suite);
  const bob = await client("bob", crypto, suite);
  const a = await createGroup(alice, { maxPastEpochs: 1 });
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
  const device: Client = { ...alice, storage: memoryStorage() };
  const fresh: Client = { ...device, provider: { ...alice.provider, storage: device.storage } };
  const reload = async (): Promise<MlsGroup> => (await Group.load(fresh.provider, a.groupId))!;
  return { alice, bob, a, b, fresh, reload };
}

async function mayNotSend(group: MlsGroup, { signer }: Client): Promise<void> {
  expect(group.isRestored).toBe(true);
  await expect(group.createMessage(signer, utf8("x"))).rejects.toThrow(refused);
  await expect(group.propose(signer, proposals.update())).rejects.toThrow(refused);
  await expect(group.leave(signer)).rejects.toThrow(refused);
}

const said = async (group: MlsGroup, message: Uint8Array): Promise<string> => {
  const processed = await group.processMessage(message);
  return processed.kind === "application" ? new TextDecoder().decode(processed.data) : processed.kind;
};

describe.each([
  ["noble", nobleCrypto()],
  ["node", nodeCrypto()],
  ["webcrypto", webCrypto()],
])("a group that goes to another store, with %s", (_, crypto) => {
  it("reads there, and sends once its own commit is merged, whatever is reloaded between", async () => {
    const { alice, bob, a, b, fresh, reload } = await moving(crypto);
    await importGroup(fresh.provider, await exportGroup(alice.provider, a.groupId));
    expect(await Group.list(fresh.provider)).toMatchObject([{ restored: true, epoch: 1n, state: "active" }]);
    await mayNotSend(await reload(), fresh);
    const c = await reload();
    expect(await said(c, await b.createMessage(bob.signer, utf8("to both")))).toBe("to both");
    const { commit } = await c.selfUpdate(fresh.signer);
    await mayNotSend(await reload(), fresh);
    const merging = await reload();
    await merging.mergePendingCommit();
    await follow(b, commit);
    expect(merging.isRestored).toBe(false);
    const last = await reload();
    expect(await said(b, await last.createMessage(fresh.signer, utf8("from the new one")))).toBe(
      "from the new one",
    );
    expect(await Group.list(fresh.provider)).toMatchObject([{ restored: false, epoch: 2n }]);
  });
});

const crypto = nodeCrypto();

describe("a copy", () => {
  it("stays one when others commit, when its commit is cleared, and when the original's commit is accepted", async () => {
    const { alice, bob, a, b, fresh, reload } = await moving(crypto);
    const { commit: alices } = await a.selfUpdate(alice.signer);
    await importGroup(fresh.provider, await exportGroup(alice.provider, a.groupId));
    const c = await reload();
    await c.mergePendingCommit(); // made before the copy: the original has the same epoch
    await follow(b, alices);
    await mayNotSend(c, fresh);
    const { commit: bobs } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(c, bobs);
    await mayNotSend(await reload(), fresh);
    await c.selfUpdate(fresh.signer);
    await c.clearPendingCommit();
    await mayNotSend(await reload(), fresh);
    await c.selfUpdate(fresh.signer);
    const { commit: again } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(c, again);
    await mayNotSend(await reload(), fresh);
  });

  it("of a copy with its commit pending is marked anew", async () => {
    const { alice, a, fresh, reload } = await moving(crypto);
    await importGroup(fresh.provider, await exportGroup(alice.provider, a.groupId));
    await (await reload()).selfUpdate(fresh.signer);
    const third = { ...fresh.provider, storage: memoryStorage() };
    await importGroup(third, await exportGroup(fresh.provider, a.groupId));
    const d = (await Group.load(third, a.groupId))!;
    await d.mergePendingCommit();
    await mayNotSend(d, fresh);
  });

  it("commits in the clear and with a path, also where it need not, and joins again where the rules allow neither", async () => {
    const { alice, bob, a, b, fresh, reload } = await moving(crypto);
    const carol = await client("carol", crypto);
    const bytes = await exportGroup(alice.provider, a.groupId);
    await importGroup(fresh.provider, bytes);
    const c = await reload();
    const { commit } = await c
      .commit()
      .addMembers([await keyPackageOf(carol)])
      .build(fresh.signer);
    expect([...commit.subarray(0, 4)]).toEqual([0, 1, 0, 1]); // RFC 9420 §6: mls10, mls_public_message
    const { welcome } = await c.mergePendingCommit();
    await follow(b, commit);
    await joinFrom(carol, welcome);
    expect(b.member(0)).not.toEqual(a.member(0));
    expect(c.isRestored).toBe(false);

    const strict = { ...fresh.provider, storage: memoryStorage(), rules: { handshake: "private" as const } };
    await importGroup(strict, bytes);
    const d = (await Group.load(strict, a.groupId))!;
    await expect(d.selfUpdate(fresh.signer)).rejects.toThrow(refused);
    const join = await Group.joinByExternalCommit(strict, fresh.signer, {
      groupInfo: await b.exportGroupInfo(bob.signer),
      credentialWithKey: fresh.credentialWithKey,
    });
    await follow(b, join.commit);
    const joined = await join.intoGroup();
    expect(joined.isRestored).toBe(false);
    expect(await said(b, await joined.createMessage(fresh.signer, utf8("back")))).toBe("back");
  });

  it("comes with records of the application in the same batch, or not at all", async () => {
    const { alice, a, fresh } = await moving(crypto);
    const bytes = await exportGroup(alice.provider, a.groupId);
    const key = { table: "app_devices", owner: a.groupId, id: utf8("moved") };
    const again = async (): Promise<unknown> =>
      importGroup(fresh.provider, bytes, {
        alsoWrite: ({ epoch, restored }) => ({
          puts: [{ key, value: utf8(`${epoch} ${restored}`) }],
          expect: [{ key, value: undefined }],
        }),
      });
    await fresh.storage.write({ puts: [{ key, value: utf8("in the way") }] });
    await expect(again()).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    expect(fresh.storage.entries()).toHaveLength(1);
    await fresh.storage.write({ deletes: [key] });
    await again();
    expect(await fresh.storage.get(key)).toEqual(utf8("1 true"));
  });

  it("of an observer's has nothing to send, and follows on", async () => {
    const { alice, bob, a, b } = await moving(crypto);
    const service = await client("service", crypto);
    await PublicGroup.fromGroupInfo(service.provider, await a.exportGroupInfo(alice.signer));
    const other = { ...service.provider, storage: memoryStorage() };
    const listed = await importGroup(other, await exportGroup(service.provider, a.groupId));
    expect(listed).toMatchObject({ restored: false, ownLeafIndex: undefined });
    await b.setConfig({ handshake: "public" });
    const { commit } = await b.selfUpdate(bob.signer);
    const seen = await (await PublicGroup.load(other, a.groupId))!.processMessage(commit);
    expect(seen.kind).toBe("commit");
  });
});
