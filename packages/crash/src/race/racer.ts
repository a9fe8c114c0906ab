// One of two processes that share Bob's group: node racer.ts DATABASE GROUP_ID SIGNATURE_KEY QUEUE NAME OPERATIONS PLANT
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { MlsGroup, retrying } from "@openmls-ts/mls-core";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { hexToBytes, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { numberValue, readAll, readLines, readNumber } from "../bobs-records.ts";
import { CURSOR, inboxKey, outboxKey, type Plant, readyKey } from "./records.ts";

const [database = "", groupId = "", signatureKey = "", queue = "", name = "", count = "", planted = "-"] =
  process.argv.slice(2);
const plant = planted as Plant | "-";
const crypto = nodeCrypto();
const file = sqliteStorage(database, { busyTimeout: 60_000 });
const storage: StorageProvider = {
  name: "shared",
  get: async (key) => file.get(key),
  list: async (prefix) => file.list(prefix),
  listOwners: async (table) => file.listOwners(table),
  write: async (batch) => file.write(plant === "expectations" ? { ...batch, expect: [] } : batch),
};
const provider = { crypto, storage, credentialValidator: { validate: async () => true } };
const signer = (await SignatureKeyPair.load(storage, await crypto.cipherSuite(1), hexToBytes(signatureKey)))!;
const group = (await MlsGroup.load(provider, hexToBytes(groupId)))!;
const lines = readLines(readFileSync(queue, "utf8"));

/** Sends a message, which is filed in the same batch. */
async function send(at: number): Promise<void> {
  await retrying(group, async () =>
    group.createMessage(signer, utf8(`${name} ${at}`), {
      alsoWrite: (value) =>
        plant === "outbox" && at % 8 === 7 ? undefined : { puts: [{ key: outboxKey(name, at), value }] },
    }),
  );
}

/** Reads what comes next, whoever read what was before. @returns whether there was anything */
async function receive(): Promise<boolean> {
  return retrying(group, async () => {
    const cursor = await readNumber(storage, CURSOR);
    const line = lines[cursor];
    if (line === undefined) return false;
    const moved = {
      puts: [{ key: CURSOR, value: numberValue(cursor + 1) }],
      expect: [{ key: CURSOR, value: cursor === 0 ? undefined : numberValue(cursor) }],
    };
    if (plant === "cursor") {
      await storage.write(moved);
      if (cursor % 8 === 7) return true; // as if it had died there
    }
    await group.processMessage(line.bytes, {
      alsoWrite: (processed) => {
        if (processed.kind !== "application") throw new Error(`a ${processed.kind}`);
        const put = { key: inboxKey(line.id, name), value: processed.data };
        return plant === "cursor" ? { puts: [put] } : { ...moved, puts: [...moved.puts, put] };
      },
    });
    return true;
  });
}

// Both have loaded the group before one of them does anything.
await file.write({ puts: [{ key: readyKey(name), value: utf8("ready") }] });
while ((await readAll(file, "app_ready")).length < 2) await setTimeout(2);

for (let at = 1; at <= Number(count); at++) {
  // Every other operation takes something in, as long as there is something.
  if (at % 2 === 1 || !(await receive())) await send(at);
}
file.close();
