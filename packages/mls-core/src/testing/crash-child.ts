// Alice as a process that is killed at any moment: node crash-child.ts DATABASE GROUP_ID SIGNATURE_KEY (both in hex)
import { writeSync } from "node:fs";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { bytesToHex, hexToBytes, utf8 } from "@openmls-ts/traits";
import { MlsGroup } from "../index.ts";
import { acceptEveryone } from "./client.ts";

/** Hands a message to the world: whole lines only, written before the call returns. */
function send(message: Uint8Array): void {
  writeSync(1, `${bytesToHex(message)}\n`);
}

const [database = "", groupId = "", signatureKey = ""] = process.argv.slice(2);
const crypto = nodeCrypto();
const storage = sqliteStorage(database);
const signer = await SignatureKeyPair.load(storage, await crypto.cipherSuite(1), hexToBytes(signatureKey));
const provider = { crypto, storage, credentialValidator: acceptEveryone };
const group = await MlsGroup.load(provider, hexToBytes(groupId));
if (signer === undefined || group === undefined) {
  throw new Error("the state is gone");
}
if (group.pendingCommitMessage !== undefined) {
  send(group.pendingCommitMessage);
  await group.mergePendingCommit();
}
for (let i = 1; ; i++) {
  if (i % 7 === 0) {
    const { commit } = await group.selfUpdate(signer);
    send(commit);
    await group.mergePendingCommit();
  } else {
    send(await group.createMessage(signer, utf8(`message ${i}`)));
  }
}
