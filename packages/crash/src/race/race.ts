import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { bytesToHex, isMlsError, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { readAll, readNumber, writeLine } from "../bobs-records.ts";
import { CURSOR, type Plant } from "./records.ts";

const RACER = fileURLToPath(new URL("racer.ts", import.meta.url));
const NAMES = ["one", "two"] as const;

/** What two processes did, when nothing was wrong. */
export interface RaceSeen {
  readonly sent: number;
  readonly received: number;
  /** Of what was received: how much the first process took in. */
  readonly byTheFirst: number;
}

/**
 * Two processes on one group in one SQLite file, each with so many operations: messages that are sent, and what Alice sent
 * taken in, whoever comes first.
 * @throws Error that says what was lost, doubled or used twice
 */
export async function race(operations: number, plant?: Plant): Promise<RaceSeen> {
  const folder = mkdtempSync(join(tmpdir(), "mls-race-"));
  try {
    const crypto = nodeCrypto();
    const suite = await crypto.cipherSuite(1);
    const [signer, bobs] = [await SignatureKeyPair.generate(suite), await SignatureKeyPair.generate(suite)];
    const owner = (name: string, { publicKey }: SignatureKeyPair) => ({
      credential: basicCredential(utf8(name)),
      signatureKey: publicKey,
    });
    const providerOn = (storage: StorageProvider) => ({
      crypto,
      storage,
      credentialValidator: { validate: async () => true },
      // One process's messages are read before the other's, whatever their generations.
      limits: { maxForwardDistance: 100_000, maxSkippedKeys: 100_000 },
    });
    const alice = await MlsGroup.create(providerOn(memoryStorage()), signer, owner("alice", signer), {
      cipherSuite: 1,
    });
    const database = join(folder, "bob.db");
    const file = sqliteStorage(database);
    await bobs.store(file);
    const bob = providerOn(file);
    await alice.addMembers(signer, [await KeyPackage.builder().build(1, bob, bobs, owner("bob", bobs))]);
    const { welcome } = await alice.mergePendingCommit();
    await (await StagedWelcome.fromWelcome(bob, welcome!)).intoGroup();

    const queue: string[] = [];
    for (let id = 1; id <= 2 * Math.floor(operations / 2); id++) {
      queue.push(writeLine({ id, bytes: await alice.createMessage(signer, utf8(`alice ${id}`)) }));
    }
    writeFileSync(join(folder, "queue"), queue.join(""));
    const args = [database, bytesToHex(alice.groupId), bytesToHex(bobs.publicKey), join(folder, "queue")];
    const stop = new AbortController(); // who waits for the other one would wait for ever
    await Promise.all(
      NAMES.map(async (name) =>
        runRacer([...args, name, String(operations), plant ?? "-"], stop.signal).catch((error: unknown) => {
          stop.abort();
          throw error;
        }),
      ),
    );
    const seen = await checkRace(file, alice, operations);
    file.close();
    return seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runRacer(args: readonly string[], signal: AbortSignal): Promise<void> {
  const flags = ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, RACER, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    signal,
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`a process could not go on: ${/ERR_[A-Z_]+/u.exec(errors)?.[0] ?? errors}`);
  }
}

/** Every operation did what it did once: all that was sent opens, and all that came in is in the inbox. */
async function checkRace(file: StorageProvider, alice: MlsGroup, operations: number): Promise<RaceSeen> {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const inbox = await readAll(file, "app_inbox");
  const cursor = await readNumber(file, CURSOR);
  const expected = Array.from(
    { length: cursor },
    (_, at) => `${String(at + 1).padStart(8, "0")} alice ${at + 1}`,
  );
  const found = inbox.map(({ id, value }) => `${id.slice(0, 8)} ${text(value)}`);
  if (found.join("\n") !== expected.join("\n")) {
    throw new Error(`the inbox has ${found.length} messages, not those up to ${cursor}`);
  }
  const outbox = await readAll(file, "app_outbox");
  const due = 2 * operations - cursor;
  if (outbox.length !== due) throw new Error(`${outbox.length} messages were sent and filed, not ${due}`);
  for (const { id, value } of outbox) {
    const [name, at] = id.split(" ");
    const said = await alice.processMessage(value).catch((error: unknown) => {
      throw new Error(`${id}: ${isMlsError(error) ? error.code : String(error)}`, { cause: error });
    });
    if (said.kind !== "application" || text(said.data) !== `${name} ${Number(at)}`) {
      throw new Error(`${id} says something else`);
    }
  }
  const byTheFirst = inbox.filter(({ id }) => id.endsWith(NAMES[0])).length;
  return { sent: outbox.length, received: inbox.length, byTheFirst };
}
