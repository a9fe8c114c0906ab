// Bob, who is killed: node bob.ts DATABASE GROUP_ID SIGNATURE_KEY QUEUE KILL PLANT
// KILL is "n before" or "n after", a number of a write at which he dies by himself, or "-".
import { readFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type AlsoWrite, MlsGroup, type ProcessedMessage } from "@openmls-ts/mls-core";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { hexToBytes, type StorageBatch, type StorageProvider, utf8 } from "@openmls-ts/traits";
import {
  COUNTER,
  CURSOR,
  inboxKey,
  type Line,
  numberValue,
  outboxKey,
  readAll,
  readLines,
  readNumber,
  writeLine,
} from "./bobs-records.ts";
import type { Plant } from "./plants.ts";

const [database = "", groupId = "", signatureKey = "", queue = "", kill = "-", planted = "-"] =
  process.argv.slice(2);
const plant = planted as Plant | "-";
const crypto = nodeCrypto();
const storage = dying(sqliteStorage(database), kill);
const provider = { crypto, storage, credentialValidator: { validate: async () => true } };
const signer = (await SignatureKeyPair.load(storage, await crypto.cipherSuite(1), hexToBytes(signatureKey)))!;
const group = (await MlsGroup.load(provider, hexToBytes(groupId)))!;

/** The store of a process that dies at a certain write. */
function dying(inner: StorageProvider, when: string): StorageProvider {
  const [at, side] = when.split(" ");
  let left = Number(at);
  const die = (): boolean => process.kill(process.pid, "SIGKILL");
  return {
    name: inner.name,
    get: async (key) => inner.get(key),
    list: async (prefix) => inner.list(prefix),
    listOwners: async (table) => inner.listOwners(table),
    write: async (batch) => {
      left -= 1;
      if (left === 0 && side === "before") die();
      await inner.write(batch);
      if (left === 0 && side === "after") die();
    },
  };
}

/** Writes with the key what belongs to it, or by itself where a fault is planted. */
async function along<T>(
  records: (result: T) => StorageBatch | undefined,
  call: (options: { readonly alsoWrite: AlsoWrite<T> }) => Promise<unknown>,
): Promise<void> {
  if (plant !== "inbox") {
    await call({ alsoWrite: records });
    return;
  }
  let later: StorageBatch | undefined;
  await call({
    alsoWrite: (result) => {
      later = records(result);
      return undefined;
    },
  });
  if (later !== undefined) await storage.write(later);
}

/** Reads one message of the queue into the inbox. */
async function receive({ id, bytes }: Line): Promise<void> {
  const moved: StorageBatch = {
    puts: [{ key: CURSOR, value: numberValue(id) }],
    expect: [{ key: CURSOR, value: id === 1 ? undefined : numberValue(id - 1) }],
  };
  if (plant === "cursor") await storage.write(moved);
  const cursor: StorageBatch = plant === "cursor" ? {} : moved;
  await along<ProcessedMessage>(
    (processed) =>
      processed.kind === "application"
        ? { ...cursor, puts: [...(cursor.puts ?? []), { key: inboxKey(id), value: processed.data }] }
        : undefined,
    async (options) => {
      const processed = await group.processMessage(bytes, options);
      if (processed.kind === "commit") {
        await group.mergeStagedCommit(processed.stagedCommit, { alsoWrite: () => cursor });
      } else if (processed.kind === "ownEcho") {
        await group.mergePendingCommit({ alsoWrite: () => cursor });
      }
    },
  );
}

/** Makes a message, which waits in the outbox until it was handed over. */
async function send(): Promise<void> {
  const id = (await readNumber(storage, COUNTER)) + 1;
  const filed = (value: Uint8Array): StorageBatch => ({
    puts: [
      { key: outboxKey(id), value },
      { key: COUNTER, value: numberValue(id) },
    ],
  });
  await group.createMessage(signer, utf8(`from bob ${id}`), { alsoWrite: filed });
}

/** Hands over what waits, which may be once more. */
async function flush(): Promise<void> {
  for (const { id, value } of await readAll(storage, "app_outbox")) {
    const handOver = (): number => writeSync(1, writeLine({ id: Number(id), bytes: value }));
    if (plant !== "outbox") handOver();
    await storage.write({ deletes: [outboxKey(Number(id))] });
    if (plant === "outbox") handOver();
  }
}

/** Reads the queue to its end. */
async function catchUp(): Promise<void> {
  const cursor = await readNumber(storage, CURSOR);
  for (const line of readLines(readFileSync(queue, "utf8")).filter(({ id }) => id > cursor)) {
    await receive(line);
  }
}

for (let turn = 1; ; turn++) {
  await catchUp();
  await flush();
  if (group.pendingCommitMessage !== undefined) {
    writeSync(1, writeLine({ id: 0, bytes: group.pendingCommitMessage })); // the core keeps it; it comes back in the queue
    while (group.pendingCommit !== undefined) {
      await setTimeout(2);
      await catchUp();
    }
  } else if (turn % 5 === 0) {
    await group.selfUpdate(signer);
  } else {
    await send();
  }
}
