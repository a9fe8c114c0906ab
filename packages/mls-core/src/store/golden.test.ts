import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { StorageRecord } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import {
  type Golden,
  goldenProvider,
  goOn,
  makeGolden,
  readGolden,
  storeOf,
  writeGolden,
} from "../testing/golden.ts";
import { mlsError } from "../testing/suites.ts";
import { TABLES } from "./index.ts";

const folder = fileURLToPath(new URL("../../golden/", import.meta.url));
const { MLS_GOLDEN } = process.env;
if (MLS_GOLDEN !== undefined && MLS_GOLDEN !== "") {
  const file = `${folder}${MLS_GOLDEN}.txt`;
  if (existsSync(file)) throw new Error(`${file} is there already: what a release wrote is never changed`);
  writeFileSync(file, writeGolden(await makeGolden()));
}
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

function expectOn(end: readonly string[]): void {
  const [said, a, b, c, observer, rest] = end;
  expect(said).toBe("late 1");
  expect([b, c]).toEqual([a, a]);
  const [epoch, tag, own] = observer!.split(" ");
  expect([`${epoch}`, tag]).toEqual([a!.split(" ")[0], own]);
  expect(rest).toBe("4 1");
}

const read = (name: string): Golden => readGolden(readFileSync(folder + name, "utf8"));

describe.each(files)("what %s holds (trap51)", (name) => {
  it("is read, and the conversation goes on", async () => {
    expectOn(await goOn(read(name)));
  });

  it("is something of every kind of record", () => {
    const { stores } = read(name);
    const tables = new Set(Object.values(stores).flatMap((records) => records.map(({ key }) => key.table)));
    const others = ["key_package", "psk", "signature_keys", "join"];
    expect(
      [...TABLES.filter((table) => !/feature/.test(table)), ...others].filter((table) => !tables.has(table)),
    ).toEqual([]);
  });

  it("is refused by name where a newer release wrote it", async () => {
    const { stores, facts } = read(name);
    const records = stores["alice"] ?? [];
    const refused = new Set<string>();
    for (const table of new Set(records.map(({ key }) => key.table))) {
      const newer = records.map((record): StorageRecord =>
        record.key.table === table
          ? { key: record.key, value: Uint8Array.of(0xff, ...record.value.subarray(1)) }
          : record,
      );
      const provider = goldenProvider(await storeOf(newer));
      const loading = MlsGroup.load(provider, facts["groupId"]!);
      await loading.then(
        () => undefined,
        (error: unknown) => {
          expect(error).toEqual(mlsError("ERR_MLS_STORAGE_FORMAT"));
          refused.add(table);
        },
      );
    }
    expect([...refused]).toEqual(
      expect.arrayContaining(["epoch", "group", "pending_commit", "proposal", "tree_node"]),
    );
  });
});

it("a release that cannot read what an earlier one wrote fails", async () => {
  const { stores, facts } = read(files[0]!);
  for (const table of ["group", "epoch", "tree_node", "message_key", "pending_commit", "key_package"]) {
    const unread = Object.entries(stores).map(([name, records]) => [
      name,
      records.map(({ key, value }) =>
        key.table === table ? { key, value: Uint8Array.of(1, ...value.subarray(1)) } : { key, value },
      ),
    ]);
    const release = { facts, stores: Object.fromEntries(unread) as Golden["stores"] };
    await expect(goOn(release)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
  }
});

it("what is written now can be read now", async () => {
  expect(files.length).toBeGreaterThan(0);
  expectOn(await goOn(readGolden(writeGolden(await makeGolden()))));
});
