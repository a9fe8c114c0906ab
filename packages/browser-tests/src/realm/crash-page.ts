// Alice in a browser that is killed at any moment: makes a group with Bob, or goes on with it, until she dies.
import { MlsGroup } from "@openmls-ts/mls-core";
import { deleteIndexedDbStorage } from "@openmls-ts/storage-indexeddb";
import { bytesToHex, hexToBytes, isMlsError, type StorageKey, utf8 } from "@openmls-ts/traits";
import type { CrashEvent } from "../crash/events.ts";
import { type Client, newClient, oldClient } from "../tasks/client.ts";

const FACTS = { database: "crash", crypto: "webcrypto", durability: "strict" } as const;
const OWNER = utf8("crash");
const NO_ID = new Uint8Array(0);
const COUNT: StorageKey = { table: "count", owner: OWNER, id: NO_ID };

async function tell(event: CrashEvent): Promise<void> {
  await fetch("/event", { method: "POST", body: JSON.stringify(event) });
}

/** @returns undefined where Bob has no Welcome yet */
async function goOn(): Promise<[Client, MlsGroup, number] | undefined> {
  const signatureKey = await (await fetch("/signature-key")).text();
  if (signatureKey === "") {
    return undefined;
  }
  const alice = await oldClient(FACTS, hexToBytes(signatureKey));
  const [groupId] = await MlsGroup.list(alice.provider);
  const group = groupId === undefined ? undefined : await MlsGroup.load(alice.provider, groupId.groupId);
  if (group === undefined) {
    throw new Error("the group is gone");
  }
  const count = Number(new TextDecoder().decode(await alice.storage.get(COUNT)));
  await tell({ kind: "opened", count });
  return [alice, group, count];
}

async function begin(): Promise<[Client, MlsGroup, number]> {
  await deleteIndexedDbStorage(FACTS.database);
  const alice = await newClient(FACTS);
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
    cipherSuite: 1,
  });
  const keyPackage = hexToBytes(await (await fetch("/key-package")).text());
  await group.addMembers(alice.signer, [keyPackage]);
  const { welcome } = await group.mergePendingCommit();
  await alice.storage.write({ puts: [{ key: COUNT, value: utf8("0") }] });
  const signatureKey = bytesToHex(alice.signer.publicKey);
  await tell({ kind: "welcome", welcome: bytesToHex(welcome!), signatureKey });
  return [alice, group, 0];
}

async function run(): Promise<void> {
  const [alice, group, found] = (await goOn()) ?? (await begin());
  let count = found;
  const send = async (message: Uint8Array): Promise<void> => {
    count++;
    await alice.storage.write({ puts: [{ key: COUNT, value: utf8(String(count)) }] });
    await tell({ kind: "sent", count, message: bytesToHex(message) });
  };
  if (group.pendingCommitMessage !== undefined) {
    await send(group.pendingCommitMessage);
    await group.mergePendingCommit();
  }
  for (let i = 1; ; i++) {
    if (i % 7 === 0) {
      await send((await group.selfUpdate(alice.signer)).commit);
      await group.mergePendingCommit();
    } else {
      await send(await group.createMessage(alice.signer, utf8(`message ${count}`)));
    }
  }
}

run().catch(async (error: unknown) =>
  tell(
    isMlsError(error) && error.details?.["reason"] === "missing"
      ? { kind: "missing" }
      : { kind: "error", error: String(error) },
  ),
);
