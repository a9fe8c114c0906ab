// Run by Bun (`pnpm test:bun`), where vitest does not run: the conformance cases on bun:sqlite, by path and passed in.
import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import type { StorageProvider } from "@openmls-ts/traits";
import { existsSync } from "node:fs";
import { sqliteStorage } from "../bun.ts";
import type { SqliteStorage } from "../bun.ts";
import { runOnce } from "../connection.ts";
import { bunSqliteConnection, loadBunSqlite } from "../drivers/bun-sqlite.ts";
import { testFolder } from "./folder.ts";

const folder = testFolder();
const paths = new Map<StorageProvider, string>();
let failed = 0;
let passed = 0;

function open(path: string): SqliteStorage {
  const store = sqliteStorage(path);
  paths.set(store, path);
  return store;
}

const onFile: StorageConformanceContext = {
  open: async () => open(folder.file()),
  reopen: async (store) => {
    (store as SqliteStorage).close();
    return open(paths.get(store) ?? "");
  },
  openSecond: async (store) => open(paths.get(store) ?? ""),
};

const Database = loadBunSqlite(process);
const passedIn: StorageConformanceContext = {
  open: async () => sqliteStorage(new Database(":memory:")),
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const [name, context] of [
  ["on a file", onFile],
  ["on a passed-in database", passedIn],
] as const) {
  for (const storageCase of storageCasesFor(context)) {
    try {
      await storageCase.run(context);
      passed++;
    } catch (error) {
      failed++;
      say(`FAILED ${name}: ${storageCase.name}: ${String(error)}`);
    }
  }
  for (const store of paths.keys()) {
    (store as SqliteStorage).close();
  }
  paths.clear();
}

/** What Bun answers differently from Node.js: a lock, a closed database, the log after the last close, a backup. */
async function checkFile(): Promise<void> {
  const path = folder.file();
  const key = { table: "t", owner: new Uint8Array(1), id: new Uint8Array(0) };
  const storage = sqliteStorage(path, { busyTimeout: 10 });
  const other = bunSqliteConnection(new Database(path));
  runOnce(other, "BEGIN IMMEDIATE");
  const busy = await storage.write({ puts: [{ key, value: key.owner }] }).then(
    () => "written",
    (error: unknown) => JSON.stringify((error as { details?: unknown }).details),
  );
  runOnce(other, "ROLLBACK");
  other.close();
  await storage.write({ puts: [{ key, value: key.owner }] });
  const copy = folder.file();
  await storage.backup(copy);
  const backup = sqliteStorage(copy);
  const kept = (await backup.get(key))?.length;
  const readOnly = await backup.write({}).then(
    () => "written",
    (error: unknown) => JSON.stringify((error as { details?: unknown }).details),
  );
  backup.close();
  storage.close();
  const log = existsSync(`${path}-wal`);
  const closed = new Database(":memory:");
  closed.close();
  let refusal = "";
  try {
    sqliteStorage(closed);
  } catch (error) {
    refusal = String((error as { code?: unknown }).code);
  }
  const found = [busy, log, refusal, kept, readOnly];
  const wanted = ['{"sqliteCode":"SQLITE_BUSY"}', false, "ERR_MLS_USAGE", 1, '{"backup":true}'];
  if (JSON.stringify(found) === JSON.stringify(wanted)) {
    passed++;
  } else {
    failed++;
    say(`FAILED found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
  }
}

await checkFile();
folder.remove();
say(`Bun ${process.versions["bun"] ?? "?"}: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
