import { utf8 } from "@openmls-ts/traits";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import { testFolder } from "./testing/folder.ts";

const WRITER = fileURLToPath(new URL("./testing/crash-writer.ts", import.meta.url));
const WIDTH = 40;

const folder = testFolder();
afterAll(() => folder.remove());

/** Lets a writer go on from batch `from`, kills it, and tells the last batch whose promise it saw resolve. */
async function writeUntilKilled(driver: string, path: string, from: number, delay: number): Promise<number> {
  const writer = spawn(
    process.execPath,
    [
      "--conditions=@openmls-ts/source",
      "--disable-warning=ExperimentalWarning",
      WRITER,
      path,
      String(from),
      driver,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  let killing: NodeJS.Timeout | undefined;
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // The clock starts with the first batch: how long a process takes to start is not what is tested.
    killing ??= setTimeout(() => writer.kill("SIGKILL"), delay);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    writer.on("error", reject).on("close", (_code, signal) => resolve(signal));
  });
  clearTimeout(killing);
  expect(signal).toBe("SIGKILL");
  return Number(output.trimEnd().split("\n").at(-1));
}

/** The number of the batch that the store holds, after checking that it holds the whole of it and nothing else. */
async function batchIn(path: string): Promise<number> {
  const storage = sqliteStorage(path);
  const records = await storage.list({ table: "crash", owner: utf8("o"), id: new Uint8Array(0) });
  storage.close();
  expect(records).toHaveLength(WIDTH);
  const texts = new Set(records.map(({ value }) => Buffer.from(value).toString("utf8").trimEnd()));
  expect(texts.size).toBe(1);
  const batch = Number([...texts][0]);
  const names = records.map(({ key }) => Buffer.from(key.id).toString("utf8").split("-")[0]);
  expect(new Set(names)).toEqual(new Set([batch % 2 === 0 ? "even" : "odd"]));
  return batch;
}

describe.each(["better-sqlite3", "node:sqlite"])("a process killed while it writes through %s", (driver) => {
  it("leaves whole batches only, and loses none that it saw succeed", async () => {
    const path = folder.file();
    let last = 0;
    for (let round = 0; round < 6; round++) {
      const seen = await writeUntilKilled(driver, path, last, Math.random() * 60);
      const found = await batchIn(path);
      // One more may have reached the disk before its promise could resolve.
      expect([seen, seen + 1]).toContain(found);
      expect(found).toBeGreaterThan(last);
      last = found;
    }
  });
});
