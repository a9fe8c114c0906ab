import { utf8 } from "@openmls-ts/traits";
import type { StorageRecord } from "@openmls-ts/traits";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "./index.ts";
import { writeWhole } from "./files.ts";
import { caught } from "./testing/caught.ts";
import { testDrivers } from "./testing/drivers.ts";
import { countInFiles } from "./testing/search.ts";
import { testFolder } from "./testing/folder.ts";
import { Workload } from "./testing/workload.ts";

const folder = testFolder();
afterAll(() => folder.remove());

const record: StorageRecord = { key: { table: "t", owner: utf8("o"), id: utf8("i") }, value: utf8("v") };
const isBackup = { code: "ERR_MLS_RESTORED", details: { backup: true } };

/** All files of a path: those that SQLite or a backup made beside it too. */
function filesOf(path: string): string[] {
  return readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
}

describe.each(testDrivers)("a backup through $name", ({ open, passIn }) => {
  it("has all records, is refused nothing but to be written, and stays so", async () => {
    const [path, copy, second] = [folder.file(), folder.file(), folder.file()];
    const storage = open(path);
    await storage.write({ puts: [record] });
    await storage.backup(copy);
    await storage.write({ deletes: [record.key] });
    expect(filesOf(copy)).toEqual([basename(copy)]);
    const backup = open(copy);
    await expect(backup.list({ ...record.key, id: new Uint8Array(0) })).resolves.toEqual([record]);
    await expect(backup.write({ puts: [record] })).rejects.toMatchObject(isBackup);
    await expect(backup.write({})).rejects.toMatchObject(isBackup);
    // A copy of a copy is none to write to either.
    await backup.backup(second);
    backup.close();
    const again = open(second);
    await expect(again.write({ puts: [record] })).rejects.toMatchObject(isBackup);
    again.close();
    // The store itself is written on.
    await storage.write({ puts: [record] });
    storage.close();
  });

  it("is not made inside a transaction of the application, and has its tables", async () => {
    const database = passIn(folder.file());
    const storage = database.storage();
    database.exec("CREATE TABLE mine (a)");
    const copy = folder.file();
    database.exec("BEGIN");
    await expect(storage.backup(copy)).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });
    database.exec("COMMIT");
    expect(existsSync(copy)).toBe(false);
    await storage.backup(copy);
    storage.close();
    database.close();
    const opened = passIn(copy);
    opened.exec("SELECT a FROM mine");
    opened.close();
  });

  it("replaces no file", async () => {
    const [path, taken] = [folder.file(), folder.file()];
    writeFileSync(taken, "precious");
    const storage = open(path);
    await expect(storage.backup(taken)).rejects.toMatchObject({ name: "MlsError" });
    expect(readFileSync(taken, "utf8")).toBe("precious");
    await expect(storage.backup(join(folder.file(), "no", "folder"))).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
    });
    for (const bad of [undefined, 7, "", " a.db", "file:a.db", ":memory:", "a\0b"]) {
      await expect(storage.backup(bad as string)).rejects.toMatchObject({
        code: "ERR_MLS_USAGE",
        details: { argument: "path" },
      });
    }
    await storage.write({ puts: [record] });
    storage.close();
  });
});

describe("a backup", () => {
  it("is readable by its owner alone and holds nothing that was deleted", async () => {
    const [path, copy] = [folder.file(), folder.file()];
    const storage = sqliteStorage(path);
    onTestFinished(() => storage.close());
    const work = new Workload(storage);
    await work.beginEpoch("group", 0, 20);
    for (let i = 0; i < 30; i++) {
      await work.message("group", 0, i, 20);
    }
    await storage.backup(copy);
    expect(statSync(copy).mode & 0o777).toBe(process.platform === "win32" ? 0o666 : 0o600);
    expect(countInFiles(copy, work.live)[""]).toBe(work.live.length);
    expect(countInFiles(copy, work.dead)).toEqual({ "": 0, "-wal": 0, "-shm": 0 });
  });

  it("made while another process writes has one whole batch, each time a later one", async () => {
    const path = folder.file();
    const storage = sqliteStorage(path);
    const script = fileURLToPath(new URL("./testing/crash-writer.ts", import.meta.url));
    const flags = ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"];
    const writer = spawn(process.execPath, [...flags, script, path, "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => writer.on("close", resolve));
    const nextBatch = async (): Promise<unknown> =>
      new Promise((resolve) => writer.stdout.once("data", resolve));
    const found: number[] = [];
    for (let i = 0; i < 5; i++) {
      await nextBatch();
      const copy = folder.file();
      await storage.backup(copy);
      const backup = sqliteStorage(copy);
      const records = await backup.list({ table: "crash", owner: utf8("o"), id: new Uint8Array(0) });
      backup.close();
      expect(records).toHaveLength(40);
      const numbers = new Set(records.map(({ value }) => Number(Buffer.from(value).toString())));
      expect(numbers.size).toBe(1);
      found.push(...numbers);
    }
    writer.kill("SIGKILL");
    await ended;
    storage.close();
    expect(found.every((batch, i) => i === 0 || batch > found[i - 1]!)).toBe(true);
  });

  it("that is damaged is refused when it is opened", async () => {
    const [path, copy] = [folder.file(), folder.file()];
    const storage = sqliteStorage(path);
    await storage.write({ puts: [{ ...record, value: utf8("a value of some length") }] });
    await storage.backup(copy);
    storage.close();
    const bytes = readFileSync(copy);
    bytes[bytes.indexOf("a value of some length")]! ^= 1;
    writeFileSync(copy, bytes);
    expect(caught(() => sqliteStorage(copy))).toMatchObject({ details: { damaged: true } });
  });
});

describe("a file that is made whole or not at all", () => {
  it("does not exist when making it failed, and what an interrupted attempt left is no hindrance", () => {
    const path = folder.file();
    writeFileSync(`${path}.partial`, "half");
    const failure = new Error("the disk is full");
    const fails = (): void =>
      writeWhole(path, (partial) => {
        expect(readFileSync(partial, "utf8")).toBe("");
        writeFileSync(partial, "some");
        throw failure;
      });
    expect(caught(fails)).toBe(failure);
    expect(filesOf(path)).toEqual([]);
    writeWhole(path, (partial) => writeFileSync(partial, "all"));
    expect(filesOf(path)).toEqual([basename(path)]);
    expect(readFileSync(path, "utf8")).toBe("all");
  });
});
