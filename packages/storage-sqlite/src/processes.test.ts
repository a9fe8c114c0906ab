import { utf8 } from "@openmls-ts/traits";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import { testFolder } from "./testing/folder.ts";

const WRITER = fileURLToPath(new URL("./testing/first-writer.ts", import.meta.url));

const folder = testFolder();
afterAll(() => folder.remove());

async function run(path: string, owner: string): Promise<number | null> {
  const flags = ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"];
  const writer = spawn(process.execPath, [...flags, WRITER, path, owner], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    writer.on("error", reject).on("close", resolve);
  });
}

describe("a new file", () => {
  it("can be opened and written by several processes at once", async () => {
    const path = folder.file();
    const owners = ["a", "b", "c"];
    const exits = await Promise.all(owners.map(async (owner) => run(path, owner)));
    expect(exits).toEqual([0, 0, 0]);
    const storage = sqliteStorage(path);
    await expect(storage.listOwners("race")).resolves.toEqual(owners.map(utf8));
    for (const owner of owners) {
      const records = await storage.list({ table: "race", owner: utf8(owner), id: new Uint8Array(0) });
      expect(records).toHaveLength(10);
    }
    storage.close();
  });

  it("that another connection keeps locked is reported as busy, once the time is up", () => {
    const path = folder.file();
    const other = new Database(path);
    other.exec("CREATE TABLE mine (a); BEGIN IMMEDIATE; INSERT INTO mine VALUES (1)");
    let error: unknown;
    try {
      sqliteStorage(path, { busyTimeout: 20 });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ERR_MLS_STORAGE", details: { sqliteCode: "SQLITE_BUSY" } });
    other.close();
    sqliteStorage(path).close();
  });
});
