import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { bytesToHex, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { CURSOR, type Line, readAll, readNumber, writeLine } from "./bobs-records.ts";
import type { Plant } from "./plants.ts";
import { type Death, runBob } from "./run-bob.ts";

/** What is played. */
export interface Play {
  readonly runs: number;
  readonly seed: number;
  readonly plant?: Plant | undefined;
  readonly onRun?: (run: number) => void;
}

/** What was seen, when nothing was wrong. */
export interface Seen {
  readonly received: number;
  readonly sent: number;
  readonly epoch: bigint;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Kills Bob again and again. @throws Error that says what is wrong, and in which run */
export async function play({ runs, seed, plant, onRun }: Play): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), "mls-crash-"));
  try {
    const alice = await Alice.begin(folder);
    const random = randomFrom(seed);
    for (let run = 1; run <= runs; run++) {
      try {
        await alice.fill(1 + (random() % 6));
        const death: Death = {
          write: 1 + (random() % 24),
          side: random() % 2 === 0 ? "before" : "after",
          afterMs: random() % 40,
        };
        await runBob(alice.args, death, plant ?? "-", async (lines) => alice.take(lines));
        await alice.checkInbox();
      } catch (cause) {
        throw new Error(`run ${run} of seed ${seed}: ${(cause as Error).message}`, { cause });
      }
      onRun?.(run);
    }
    return await alice.end(plant);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A small generator: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

/** Who lives through all of it, keeps the queue, and checks what Bob has and sends. */
class Alice {
  readonly args: readonly string[];
  readonly #group: MlsGroup;
  readonly #signer: SignatureKeyPair;
  readonly #folder: string;
  readonly #inbox = new Map<number, string>();
  readonly #got = new Map<number, string>();
  readonly #commits = new Set<string>();
  #queued = 0;

  private constructor(group: MlsGroup, signer: SignatureKeyPair, folder: string, bobsKey: Uint8Array) {
    this.#group = group;
    this.#signer = signer;
    this.#folder = folder;
    this.args = [
      join(folder, "bob.db"),
      bytesToHex(group.groupId),
      bytesToHex(bobsKey),
      join(folder, "queue"),
    ];
  }

  static async begin(folder: string): Promise<Alice> {
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
    });
    const group = await MlsGroup.create(providerOn(memoryStorage()), signer, owner("alice", signer), {
      cipherSuite: 1,
      config: { maxPastEpochs: 100 }, // what Bob made before he read on
    });
    const file = sqliteStorage(join(folder, "bob.db"));
    await bobs.store(file);
    const bob = providerOn(file);
    await group.addMembers(signer, [await KeyPackage.builder().build(1, bob, bobs, owner("bob", bobs))]);
    const { welcome } = await group.mergePendingCommit();
    await (await StagedWelcome.fromWelcome(bob, welcome!)).intoGroup();
    file.close();
    writeFileSync(join(folder, "queue"), "");
    return new Alice(group, signer, folder, bobs.publicKey);
  }

  /** Puts messages and commits of Alice's into the queue, while Bob is dead. */
  async fill(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const id = ++this.#queued;
      if (id % 6 === 0) {
        this.#queue({ id, bytes: (await this.#group.selfUpdate(this.#signer)).commit });
        await this.#group.mergePendingCommit();
      } else {
        const said = `from alice ${id}`;
        this.#inbox.set(id, said);
        this.#queue({ id, bytes: await this.#group.createMessage(this.#signer, utf8(said)) });
      }
    }
  }

  #queue(line: Line): void {
    appendFileSync(join(this.#folder, "queue"), writeLine(line));
  }

  /** Takes what Bob handed over: the same bytes for the same number, each number once. */
  async take(lines: readonly Line[]): Promise<void> {
    for (const { id, bytes } of lines) {
      if (id === 0) {
        await this.#accept(bytes);
        continue;
      }
      const known = this.#got.get(id);
      if (known !== undefined) {
        if (known !== bytesToHex(bytes)) throw new Error(`Bob sent two messages of number ${id}`);
        continue;
      }
      if (id !== this.#got.size + 1) throw new Error(`Bob sent number ${id} after ${this.#got.size}`);
      this.#got.set(id, bytesToHex(bytes));
      const processed = await this.#group.processMessage(bytes);
      if (processed.kind !== "application" || text(processed.data) !== `from bob ${id}`) {
        throw new Error(`Bob's number ${id} is something else`);
      }
    }
  }

  /** A commit of Bob's comes back to him in the queue, once; he was up to date when he made it. */
  async #accept(bytes: Uint8Array): Promise<void> {
    const commit = bytesToHex(bytes);
    if (this.#commits.has(commit)) return;
    this.#commits.add(commit);
    const processed = await this.#group.processMessage(bytes);
    if (processed.kind !== "commit") throw new Error("Bob's commit is something else");
    await this.#group.mergeStagedCommit(processed.stagedCommit);
    this.#queue({ id: ++this.#queued, bytes });
  }

  /** Bob's inbox is what was in the queue up to his position. */
  async checkInbox(): Promise<number> {
    const storage = sqliteStorage(join(this.#folder, "bob.db"));
    try {
      const cursor = await readNumber(storage, CURSOR);
      const has = (await readAll(storage, "app_inbox")).map(
        ({ id, value }) => `${Number(id)} ${text(value)}`,
      );
      const due = [...this.#inbox].filter(([id]) => id <= cursor).map(([id, said]) => `${id} ${said}`);
      if (has.join("\n") !== due.join("\n")) {
        throw new Error(`at ${cursor} Bob's inbox has ${has.length} messages, not ${due.length}`);
      }
      return has.length;
    } finally {
      storage.close();
    }
  }

  /** A last life of Bob's, in which he gets to the end of the queue. */
  async end(plant: Plant | undefined): Promise<Seen> {
    const patient: Death = { write: 1_000_000, side: "before", afterMs: 1500 };
    for (let lives = 0; lives < 3; lives++) {
      await runBob(this.args, patient, plant ?? "-", async (lines) => this.take(lines));
    }
    const received = await this.checkInbox();
    if (received !== this.#inbox.size) throw new Error(`Bob has ${received} of ${this.#inbox.size} messages`);
    return { received, sent: this.#got.size, epoch: this.#group.epoch };
  }
}
