import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { bytesToHex, hexToBytes, utf8 } from "@openmls-ts/traits";
import { afterAll, describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { basicCredential } from "../wire/index.ts";
import { acceptEveryone, client, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const folder = mkdtempSync(join(tmpdir(), "mls-crash-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const crypto = nodeCrypto();

async function aliceOn(database: string) {
  const storage = sqliteStorage(database);
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  await signer.store(storage);
  const provider = { crypto, storage, credentialValidator: acceptEveryone };
  const credentialWithKey = { credential: basicCredential(utf8("alice")), signatureKey: signer.publicKey };
  const group = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1 });
  return { storage, signer, provider, group };
}

/** Runs Alice until she is killed; what she sent in whole lines. */
async function runUntilKilled(args: readonly string[], afterMs: number): Promise<string[]> {
  const script = join(import.meta.dirname, "../testing/crash-child.ts");
  const child = spawn(process.execPath, ["--conditions=@openmls-ts/source", script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // counted from the first message on, so that a slow start is not the only thing that is interrupted
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const signal = await new Promise((resolve) => child.once("close", (_code, killedBy) => resolve(killedBy)));
  expect({ signal, errors }).toEqual({ signal: "SIGKILL", errors: "" });
  return output.split("\n").slice(0, -1);
}

describe("a process killed at random points", () => {
  it("never uses a key twice, and goes on where it was (trap27)", { timeout: 60_000 }, async () => {
    const database = join(folder, "alice.db");
    const alice = await aliceOn(database);
    const bob = await client("bob", crypto);
    await alice.group.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const b = await joinFrom(bob, (await alice.group.mergePendingCommit()).welcome);
    const args = [database, bytesToHex(alice.group.groupId), bytesToHex(alice.signer.publicKey)];
    alice.storage.close();

    const seen = new Set<string>();
    let read = 0;
    for (let round = 0; round < 6; round++) {
      for (const line of await runUntilKilled(args, Math.random() * 60)) {
        if (seen.has(line)) {
          continue; // a pending commit, sent again after the crash
        }
        seen.add(line);
        // A key used twice would show here as a message that cannot be opened any more.
        const message = await b.processMessage(hexToBytes(line));
        if (message.kind === "commit") {
          await b.mergeStagedCommit(message.stagedCommit);
        } else {
          expect(message.kind).toBe("application");
          read += 1;
        }
      }
    }
    expect(read).toBeGreaterThan(6);
  });
});

describe("two connections to one database", () => {
  it("cannot both advance a group; the stale one reloads and goes on (trap52)", async () => {
    const database = join(folder, "two.db");
    const { storage, signer, provider, group } = await aliceOn(database);
    const secondStorage = sqliteStorage(database);
    const second = await MlsGroup.load({ ...provider, storage: secondStorage }, group.groupId);
    await group.createMessage(signer, utf8("first"));
    await expect(second?.createMessage(signer, utf8("second"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    await expect(second?.selfUpdate(signer)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    const reloaded = await MlsGroup.load({ ...provider, storage: secondStorage }, group.groupId);
    await expect(reloaded?.createMessage(signer, utf8("second"))).resolves.toBeInstanceOf(Uint8Array);
    await expect(group.createMessage(signer, utf8("third"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    storage.close();
    secondStorage.close();
  });
});
