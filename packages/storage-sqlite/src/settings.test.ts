import { utf8 } from "@openmls-ts/traits";
import type { StorageRecord } from "@openmls-ts/traits";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStorage } from "./index.ts";
import type { BetterSqliteDatabase } from "./index.ts";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

const record: StorageRecord = {
  key: { table: "t", owner: utf8("o"), id: utf8("i") },
  value: utf8("v"),
};

/** The database, with `before` called whenever a statement is about to be read from. */
function watched(database: Database.Database, before: () => void): BetterSqliteDatabase {
  return {
    get open() {
      return database.open;
    },
    get inTransaction() {
      return database.inTransaction;
    },
    pragma: (source, options) => database.pragma(source, options),
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      const get = statement.get.bind(statement);
      statement.get = (...parameters: unknown[]) => {
        before();
        return get(...parameters);
      };
      return statement;
    },
  };
}

describe("a write", () => {
  it("keeps every other writer out from before its expectations are read", async () => {
    const path = folder.file();
    const database = new Database(path);
    const other = new Database(path, { timeout: 0 });
    const outcomes: string[] = [];
    const storage = sqliteStorage(
      watched(database, () => {
        if (!database.inTransaction) {
          return;
        }
        try {
          other.exec("BEGIN IMMEDIATE; ROLLBACK");
          outcomes.push("let in");
        } catch (error) {
          outcomes.push((error as { code: string }).code);
        }
      }),
    );
    outcomes.length = 0;
    await storage.write({ expect: [{ key: record.key, value: undefined }] });
    expect(outcomes).toEqual(["SQLITE_BUSY"]);
    other.close();
    database.close();
  });
});
