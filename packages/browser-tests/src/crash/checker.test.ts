import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, MlsGroup } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { CrashChecker } from "./checker.ts";

/** Alice and a checker that is in her group; `restart` has her come back with the state of another store. */
async function alice() {
  const checker = await CrashChecker.start();
  const crypto = nodeCrypto();
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const storage = memoryStorage();
  const provider = { crypto, storage, credentialValidator: { validate: async () => true } };
  const credentialWithKey = { credential: basicCredential(utf8("alice")), signatureKey: signer.publicKey };
  const group = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1 });
  await group.addMembers(signer, [checker.keyPackage]);
  const { welcome } = await group.mergePendingCommit();
  await checker.take({ kind: "welcome", welcome: bytesToHex(welcome!), signatureKey: "" });
  const send = async (from: MlsGroup, count: number): Promise<void> => {
    const message = bytesToHex(await from.createMessage(signer, utf8(`message ${count}`)));
    await checker.take({ kind: "sent", count, message });
  };
  const restart = async (from: typeof storage): Promise<MlsGroup> =>
    (await MlsGroup.load({ ...provider, storage: from }, group.groupId))!;
  return { checker, group, signer, storage, send, restart };
}

it("finds nothing where nothing is wrong", async () => {
  const { checker, group, signer, storage, send, restart } = await alice();
  await send(group, 1);
  const { commit } = await group.selfUpdate(signer);
  await checker.take({ kind: "sent", count: 2, message: bytesToHex(commit) });
  const again = await restart(storage.snapshot());
  await checker.take({ kind: "opened", count: 2 });
  await checker.take({ kind: "sent", count: 3, message: bytesToHex(again.pendingCommitMessage!) });
  await again.mergePendingCommit();
  await send(again, 4);
  await checker.take({ kind: "opened", count: 5 }); // one more than was told
  await checker.take({ kind: "opened", count: 6 }); // and again
  expect(checker.violations).toEqual([]);
  expect([checker.read, checker.opened]).toEqual([3, 3]);
});

it("finds a write that was lost", async () => {
  const { checker, group, send } = await alice();
  await send(group, 1);
  await send(group, 2);
  await checker.take({ kind: "opened", count: 1 });
  expect(checker.violations).toEqual(["2 messages were counted, 1 are there: a write was lost"]);
});

it("finds a key that was used twice, after a store went back", async () => {
  const { checker, group, storage, send, restart } = await alice();
  const old = storage.snapshot();
  await send(group, 1);
  const again = await restart(old);
  await checker.take({ kind: "opened", count: 1 });
  await send(again, 2);
  expect(checker.violations).toHaveLength(1);
  expect(checker.violations[0]).toMatch(/^message 2 cannot be read, .*ERR_MLS_SECRET_CONSUMED/);
});

it("finds a database that is gone, unless the browser said that it deleted it; then all begins anew", async () => {
  const { checker, group, send } = await alice();
  await send(group, 1);
  expect(await checker.endOfLife(true)).toBe(false); // it was there
  await checker.take({ kind: "missing" });
  expect(await checker.endOfLife(false)).toBe(false);
  expect(checker.violations).toEqual(["the database is gone, and the browser does not say why"]);

  const second = await alice();
  const { keyPackage } = second.checker;
  await second.checker.take({ kind: "missing" });
  expect(await second.checker.endOfLife(true)).toBe(true);
  expect([second.checker.deleted, second.checker.violations]).toEqual([1, []]);
  expect(second.checker.keyPackage).not.toEqual(keyPackage);
});

it("finds that Alice could not go on", async () => {
  const { checker } = await alice();
  await checker.take({ kind: "error", error: "the group is gone" });
  expect(checker.violations).toEqual(["Alice could not go on: the group is gone"]);
});
