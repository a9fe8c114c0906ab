import { utf8 } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import { caught } from "./testing/caught.ts";
import { withLeafAsFree } from "./testing/pages.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

/** More than are read at once. */
const RECORDS = 1500;

// The tables of schema version 1, as its release created them.
const VERSION_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS openmls_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS openmls_records (
    "table" TEXT NOT NULL,
    owner BLOB NOT NULL,
    id BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY ("table", owner, id)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO openmls_meta (name, value) VALUES ('schema_version', 1);
`;

function nameOf(i: number): [string, Buffer, Buffer] {
  return [`table_${i % 3}`, Buffer.from(`owner ${i % 7}`), Buffer.from(String(i))];
}

function oldFile(): string {
  const path = folder.file();
  const database = new Database(path);
  database.exec(VERSION_1);
  const insert = database.prepare("INSERT INTO openmls_records VALUES (?, ?, ?, ?)");
  database.transaction(() => {
    for (let i = 0; i < RECORDS; i++) {
      insert.run(...nameOf(i), Buffer.from(`value ${i}`));
    }
  })();
  database.close();
  return path;
}

describe("a file of schema version 1", () => {
  it("is brought up to date with all its records, and goes on", async () => {
    const path = oldFile();
    for (let round = 0; round < 2; round++) {
      const storage = sqliteStorage(path);
      for (let i = 0; i < RECORDS; i++) {
        const [table, owner, id] = nameOf(i);
        expect(await storage.get({ table, owner, id })).toStrictEqual(utf8(`value ${i}`));
      }
      const [table, owner, id] = nameOf(5);
      const key = { table, owner, id };
      await storage.write({ expect: [{ key, value: utf8("value 5") }], puts: [{ key, value: utf8("new") }] });
      await storage.write({ puts: [{ key, value: utf8("value 5") }] });
      storage.close();
    }
    const database = new Database(path);
    expect(
      database.prepare("SELECT value FROM openmls_meta WHERE name = 'schema_version'").pluck().get(),
    ).toBe(2);
    expect(database.prepare("SELECT count(*) FROM openmls_records").pluck().get()).toBe(RECORDS);
    database.close();
  });

  it("is refused, and stays as it is, where SQLite finds it damaged", () => {
    const path = oldFile();
    const file = withLeafAsFree(readFileSync(path));
    writeFileSync(path, file);
    expect(caught(() => sqliteStorage(path))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      details: { damaged: true },
    });
    expect(readFileSync(path).equals(file)).toBe(true);
  });
});
