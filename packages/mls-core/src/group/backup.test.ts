import { nodeCrypto } from "@openmls-ts/crypto-node";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { utf8 } from "@openmls-ts/traits";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { exportGroup, importGroup, migrateStore, MlsGroup } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";

it("a group that is loaded from a backup can be looked at, and neither sends nor commits nor receives", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openmls-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const storage = sqliteStorage(join(folder, "alice.db"));
  onTestFinished(() => storage.close());
  const alice = await client("alice", nodeCrypto(), 1, { storage });
  const bob = await client("bob", nodeCrypto());
  const a = await createGroup(alice);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const { welcome } = await a.mergePendingCommit();
  const b = await joinFrom(bob, welcome);

  await storage.backup(join(folder, "backup.db"));
  await b.processMessage(await a.createMessage(alice.signer, utf8("the store goes on")));

  const backup = sqliteStorage(join(folder, "backup.db"));
  onTestFinished(() => backup.close());
  const old = (await MlsGroup.load({ ...alice.provider, storage: backup }, a.groupId))!;
  expect(old.members()).toHaveLength(2);
  const refused = { code: "ERR_MLS_RESTORED", details: { backup: true } };
  await expect(old.createMessage(alice.signer, utf8("twice"))).rejects.toMatchObject(refused);
  await expect(old.selfUpdate(alice.signer)).rejects.toMatchObject(refused);
  const fromBob = await b.createMessage(bob.signer, utf8("hello"));
  await expect(old.processMessage(fromBob)).rejects.toMatchObject(refused);
  await expect(a.processMessage(fromBob)).resolves.toMatchObject({ kind: "application" });
  await expect(migrateStore({ ...alice.provider, storage: backup })).resolves.toMatchObject({ rewritten: 0 });

  // After a loss its groups go to a new store, where they read, and send once they have keys of their own.
  const lost = { ...alice.provider, storage: sqliteStorage(join(folder, "new.db")) };
  onTestFinished(() => lost.storage.close());
  await importGroup(lost, await exportGroup({ ...alice.provider, storage: backup }, a.groupId));
  const restored = (await MlsGroup.load(lost, a.groupId))!;
  expect(restored.isRestored).toBe(true);
  await expect(restored.processMessage(fromBob)).resolves.toMatchObject({ kind: "application" });
  await expect(restored.createMessage(alice.signer, utf8("twice"))).rejects.toMatchObject({
    code: "ERR_MLS_RESTORED",
  });
  const { commit } = await restored.selfUpdate(alice.signer);
  await restored.mergePendingCommit();
  await follow(b, commit);
  await b.processMessage(await restored.createMessage(alice.signer, utf8("with keys of its own")));
});
