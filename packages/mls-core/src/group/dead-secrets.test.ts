import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { utf8 } from "@openmls-ts/traits";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { deleteExternalPsk, MlsGroup, proposals, storeExternalPsk } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { WatchedStorage } from "../testing/watched-storage.ts";

/** Every table whose values are secrets. */
const SECRET = [
  "epoch",
  "path_key",
  "message_key",
  "past_epoch",
  "own_update",
  "pending_commit",
  "resumption_psk",
  "key_package",
  "psk",
  "join",
  "signature_keys",
];

it("secrets that are over are not in the files of the store, whatever table they were in (rfc66)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openmls-dead-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "bob.db");
  const sqlite = sqliteStorage(path);
  onTestFinished(() => sqlite.close());
  const storage = new WatchedStorage(sqlite, SECRET);
  const files = (): Buffer =>
    Buffer.concat(
      ["", "-wal", "-shm"]
        .map((end) => path + end)
        .flatMap((file) => (existsSync(file) ? [readFileSync(file)] : [])),
    );
  const alice = await client("alice", nodeCrypto());
  const bob = await client("bob", nodeCrypto(), 1, { storage });
  await bob.signer.store(storage);
  const config = { maxPastEpochs: 1, resumptionPskEpochs: 2, handshake: "public" } as const;
  const a = await createGroup(alice, config);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome, config);
  await storeExternalPsk(storage, utf8("psk"), utf8("thirty-two octets, all of them secret"));
  let older = files();
  for (let epoch = 0; epoch < 4; epoch++) {
    const skipped = await a.createMessage(alice.signer, utf8("skipped"));
    await b.processMessage(await a.createMessage(alice.signer, utf8("hello")));
    await a.processMessage(await b.createMessage(bob.signer, utf8("hello")));
    if (epoch % 2 === 0) await b.processMessage(skipped);
    const { message } = await b.propose(bob.signer, proposals.update());
    await a.processMessage(message);
    const { commit } = await a.commitToPendingProposals(alice.signer);
    await a.mergePendingCommit();
    await follow(b, commit);
    await b.selfUpdate(bob.signer);
    await b.clearPendingCommit();
    await follow(a, (await b.selfUpdate(bob.signer)).commit);
    await b.mergePendingCommit();
    if (epoch === 1) older = files();
  }
  await deleteExternalPsk(storage, utf8("psk"));
  const groupInfo = await a.exportGroupInfo(alice.signer);
  const staged = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
    groupInfo,
    credentialWithKey: bob.credentialWithKey,
  });
  await staged.discard();

  expect(storage.given).toEqual(new Set(SECRET)); // each table had something
  const nothing = Object.fromEntries(SECRET.map((table) => [table, 0]));
  await sqlite.compact();
  const present = await storage.found(files());
  expect(present.dead).toEqual(nothing);
  expect(present.live).toBeGreaterThan(10); // the search finds what is there
  // So it does in an older copy, which is why there must be none.
  const { dead } = await storage.found(older);
  expect(Math.min(dead["epoch"]!, dead["path_key"]!, dead["message_key"]!)).toBeGreaterThan(0);

  await b.delete();
  await SignatureKeyPair.delete(storage, await nodeCrypto().cipherSuite(1), bob.signer.publicKey);
  await sqlite.checkpoint();
  const after = await storage.found(files());
  const left = Object.values(after.dead).reduce((sum, count) => sum + count, 0);
  expect(left).toBeLessThan(10); // where a page was rearranged; `compact` takes it
  await sqlite.compact();
  expect(await storage.found(files())).toEqual({ dead: nothing, live: 0 });
});
