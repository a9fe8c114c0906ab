import { utf8 } from "@openmls-ts/traits";
import type { StorageKey } from "@openmls-ts/traits";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

const RACER = fileURLToPath(new URL("./racer.ts", import.meta.url));
const ROUNDS = 200;

interface Won {
  readonly claimed: number[];
  readonly counted: number[];
  readonly added: number;
}

async function race(url: string, name: string): Promise<Won> {
  const args = ["--conditions=@openmls-ts/source", RACER, url, "race", name, String(ROUNDS)];
  const racer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  racer.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise((resolve, reject) => racer.on("error", reject).on("close", resolve));
  expect(code).toBe(0);
  return JSON.parse(output) as Won;
}

function under(table: string, owner: string): StorageKey {
  return { table, owner: utf8(owner), id: new Uint8Array(0) };
}

const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

describe.each(["read committed", "repeatable read", "serializable"])(
  "two processes on one store of a server whose transactions are %s",
  (isolation) => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await testDatabase([`default_transaction_isolation TO '${isolation}'`]);
    });
    afterAll(async () => database.remove());

    it("race for records that do not exist and for one that does: one winner each, and nothing is lost", async () => {
      const [a, b] = await Promise.all([race(database.url, "a"), race(database.url, "b")]);
      const rounds = Array.from({ length: ROUNDS }, (_, i) => i);
      expect(ascending([...a.claimed, ...b.claimed])).toEqual(rounds);
      expect(ascending([...a.counted, ...b.counted])).toEqual(
        Array.from({ length: 2 * ROUNDS }, (_, i) => i + 1),
      );

      const store = await database.store({ store: "race" });
      await expect(store.get(under("count", "shared"))).resolves.toEqual(utf8(String(2 * ROUNDS)));
      const log = await store.list(under("log", "shared"));
      const writers = log.map(({ value }) => Buffer.from(value).toString());
      expect(writers).toHaveLength(2 * ROUNDS);
      expect(writers.map((name, i) => (name === "a" ? a : b).counted.includes(i + 1))).not.toContain(false);
      for (const side of ["left", "right"]) {
        const claims = await store.list(under("claim", side));
        const byA = claims.filter(({ value }) => Buffer.from(value).toString() === "a");
        expect(claims).toHaveLength(ROUNDS);
        expect(byA).toHaveLength(a.claimed.length);
      }
    });
  },
);
