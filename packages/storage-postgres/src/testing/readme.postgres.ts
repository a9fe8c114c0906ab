import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.remove());

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("the README", () => {
  it("has an example that runs, and names rights that are enough once the tables are there", async () => {
    const code = /```ts\n([^`]*)```/.exec(readme)?.[1] ?? expect.unreachable("no example");
    const script = stripTypeScriptTypes(code)
      .replace('"@openmls-ts/storage-postgres"', JSON.stringify(new URL("../index.ts", import.meta.url).href))
      .replace(/"postgres:[^"]*"/, JSON.stringify(database.url));
    await import(
      `data:text/javascript,${encodeURIComponent(`${script}\nexport const name = storage.name;`)}`
    );
    const { rows } = await database.pool.query("SELECT value FROM openmls.openmls_meta");
    expect(rows).toEqual([{ value: "1" }]);

    expect(readme).toContain("`SELECT, INSERT, UPDATE, DELETE` on `openmls_records`");
    const role = `role_${process.pid}`;
    await database.pool.query(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA openmls TO ${role};
      GRANT SELECT ON openmls.openmls_meta TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON openmls.openmls_records TO ${role}`);
    const url = new URL(database.url);
    url.username = role;
    const { postgresStorage } = await import("../index.ts");
    const storage = await postgresStorage(url.href);
    const key = { table: "t", owner: Uint8Array.of(1), id: new Uint8Array(0) };
    await storage.write({ puts: [{ key, value: key.owner }] });
    await storage.write({ deletes: [key], expect: [{ key, value: key.owner }] });
    await storage.close();
    await expect(postgresStorage(url.href, { schema: "another" })).rejects.toMatchObject({
      details: { sqlState: "42501" },
    });
    await database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});
