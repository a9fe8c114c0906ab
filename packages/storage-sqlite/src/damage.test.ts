import { utf8 } from "@openmls-ts/traits";
import type { StorageKey, StorageRecord } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { checksumOf } from "./checksum.ts";
import { sqliteStorage } from "./index.ts";
import type { SqliteStorage } from "./index.ts";
import { caught } from "./testing/caught.ts";
import { fastStorage } from "./testing/fast.ts";
import { changed, leafPage, PAGE, withLeafAsFree } from "./testing/pages.ts";
import { testFolder } from "./testing/folder.ts";
import { Workload } from "./testing/workload.ts";

const folder = testFolder();
afterAll(() => folder.remove());

/** A closed database, and what has to be in it. */
async function makeFile(): Promise<{ file: Buffer; records: readonly StorageRecord[] }> {
  const path = folder.file();
  const storage = fastStorage(path);
  const work = new Workload(storage);
  await work.run({ groups: 5, members: 20, epochs: 4, messages: 5 });
  storage.closeDatabase();
  return { file: readFileSync(path), records: work.records };
}

/** One bit each: all over the header and the schema, then evenly over the file. */
function flips(file: Buffer): [string, Buffer][] {
  const start = Array.from({ length: 100 }, (_, at) => at);
  // 1009 is prime: the positions fall on every part of a page.
  const rest = Array.from({ length: 400 }, (_, i) => 100 + ((i * 1009 * 97) % (file.length - 100)));
  return [...start, ...rest].map((at, i) => [
    `bit ${i % 8} of octet ${at}`,
    changed(file, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ (1 << (i % 8)), at)),
  ]);
}

/** Cut off at every 509th octet. */
function truncations(file: Buffer): [string, Buffer][] {
  const lengths = Array.from({ length: Math.floor(file.length / 509) }, (_, i) => (i + 1) * 509);
  return lengths.map((length) => [`the first ${length} octets`, file.subarray(0, length)]);
}

/** Sectors lost, and pages where others belong. */
function misplaced(file: Buffer): [string, Buffer][] {
  const sectors = Array.from({ length: file.length / 512 }, (_, i) => i * 512);
  const pages = Array.from({ length: file.length / PAGE }, (_, i) => i * PAGE);
  return [
    ...sectors.map((at): [string, Buffer] => [
      `zeros at ${at}`,
      changed(file, (copy) => copy.fill(0, at, at + 512)),
    ]),
    ...pages.flatMap((from) =>
      pages
        .filter((to) => to !== from)
        .map((to): [string, Buffer] => [
          `${from} at ${to}`,
          changed(file, (copy) => file.copy(copy, to, from, from + PAGE)),
        ]),
    ),
  ];
}

/** What a damaged file gets wrong without an error: nothing, it is to be hoped. */
async function silentFaults(file: Buffer, records: readonly StorageRecord[]): Promise<string[]> {
  const path = folder.file();
  writeFileSync(path, file);
  let storage: SqliteStorage;
  try {
    storage = sqliteStorage(path);
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_MLS_STORAGE(_FORMAT)?$/) as unknown });
    return [];
  }
  const faults: string[] = [];
  const check = async (key: StorageKey, read: () => Promise<boolean>): Promise<void> => {
    try {
      if (!(await read())) {
        faults.push(key.table);
      }
    } catch (error) {
      expect(error).toMatchObject({ code: "ERR_MLS_STORAGE" });
    }
  };
  for (const { key, value } of records) {
    await check(key, async () => Buffer.compare((await storage.get(key)) ?? utf8("absent"), value) === 0);
    await check(key, async () => {
      const owners = await storage.listOwners(key.table);
      return owners.some((owner) => Buffer.compare(owner, key.owner) === 0);
    });
  }
  const all = records.filter(({ key }) => key.table === "message_key");
  for (const { key } of all.slice(0, 1)) {
    await check(key, async () => {
      const listed = await storage.list({ ...key, id: new Uint8Array(0) });
      return listed.length === all.filter((other) => Buffer.compare(other.key.owner, key.owner) === 0).length;
    });
  }
  storage.close();
  return faults;
}

describe("a damaged file", () => {
  it.each([
    ["with one bit flipped", flips, 500],
    ["that was cut off", truncations, 70],
    ["with sectors lost or pages misplaced", misplaced, 150],
  ])("%s never answers that a record is absent, or another one", async (_, damages, least) => {
    const { file, records } = await makeFile();
    expect(await silentFaults(file, records)).toEqual([]);
    const cases = damages(file);
    expect(cases.length).toBeGreaterThanOrEqual(least);
    const faults: string[] = [];
    for (const [name, damaged] of cases) {
      if ((await silentFaults(damaged, records)).length > 0) {
        faults.push(name);
      }
    }
    expect(faults).toEqual([]);
  });

  it("says that it is damaged", async () => {
    const path = folder.file();
    const { file, records } = await makeFile();
    const at = file.indexOf(records[0]!.value);
    writeFileSync(
      path,
      changed(file, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ 1, at)),
    );
    expect(caught(() => sqliteStorage(path))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      message: `the database is damaged: a record of table ${records[0]!.key.table} is not as it was written`,
      details: { damaged: true, table: records[0]!.key.table },
    });
  });

  it("in which only the order of records is wrong is refused", async () => {
    const { file } = await makeFile();
    const path = folder.file();
    const swapped = changed(file, (copy) => {
      // The first two cells of a leaf.
      const at = leafPage(file) + 8;
      copy.writeUInt16BE(file.readUInt16BE(at), at + 2);
      copy.writeUInt16BE(file.readUInt16BE(at + 2), at);
    });
    writeFileSync(path, swapped);
    const database = new Database(path);
    expect(caught(() => sqliteStorage(database))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      message: expect.stringContaining("the order of table") as unknown,
    });
    database.close();
  });

  it("that would write over its records is refused", async () => {
    const { file } = await makeFile();
    const path = folder.file();
    writeFileSync(path, withLeafAsFree(file));
    expect(caught(() => sqliteStorage(path))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      message: expect.stringContaining("its structure") as unknown,
    });
  });

  it.each([
    ["a missing record", "DELETE FROM openmls_records WHERE id = x'01'", /the set of records/],
    ["a missing sum", "DELETE FROM openmls_meta WHERE name = 'checksum'", /the set of records/],
    ["missing meta data", "DROP TABLE openmls_meta", /the table openmls_meta/],
    ["a renamed owner", "UPDATE openmls_records SET owner = x'00' WHERE id = x'01'", /a record of table t/],
  ])("with %s is refused", async (_, sql, message) => {
    const database = new Database(folder.file());
    const storage = sqliteStorage(database);
    const key = (id: number): StorageKey => ({ table: "t", owner: utf8("o"), id: Uint8Array.of(id) });
    await storage.write({ puts: [0, 1, 2].map((id) => ({ key: key(id), value: utf8("v") })) });
    sqliteStorage(database);
    database.exec(sql);
    expect(caught(() => sqliteStorage(database))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      message: expect.stringMatching(message) as unknown,
    });
    expect(database.inTransaction).toBe(false);
    database.close();
  });
});

describe("a record damaged while the database is open", () => {
  it("is an error wherever it is read, that names its table", async () => {
    const database = new Database(":memory:").defaultSafeIntegers();
    const storage = sqliteStorage(database);
    const key: StorageKey = { table: "keys", owner: utf8("o"), id: utf8("i") };
    await storage.write({ puts: [{ key, value: utf8("value") }] });
    database.exec("UPDATE openmls_records SET value = CAST('valuf' AS BLOB)");
    const damaged = { code: "ERR_MLS_STORAGE", details: { damaged: true, table: "keys" } };
    await expect(storage.get(key)).rejects.toMatchObject(damaged);
    await expect(storage.list(key)).rejects.toMatchObject(damaged);
    await expect(storage.write({ expect: [{ key, value: utf8("valuf") }] })).rejects.toMatchObject(damaged);
    expect(database.inTransaction).toBe(false);
  });
});

describe("the checksum", () => {
  it("covers every part, and where each one ends", () => {
    const parts: [string, string, string, string][] = [
      ["t", "owner", "id", "value"],
      ["u", "owner", "id", "value"],
      ["t", "ownes", "id", "value"],
      ["t", "owner", "ie", "value"],
      ["t", "owner", "id", "valuf"],
      ["t", "ownerid", "", "value"],
      ["t", "owner", "idvalue", ""],
      ["t", "owner", "", "idvalue"],
    ];
    const sums = parts.map(([table, owner, id, value]) =>
      checksumOf(table, utf8(owner), utf8(id), utf8(value)),
    );
    expect(new Set(sums).size).toBe(parts.length);
    expect(sums.every((sum) => sum === (sum ?? 0.5) << 0)).toBe(true);
    expect(checksumOf(null, utf8("o"), utf8("i"), utf8("v"))).toBeUndefined();
    expect(checksumOf("t", utf8("o"), utf8("i"), 7)).toBeUndefined();
  });
});
