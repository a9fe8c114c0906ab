import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EPOCH_SECRET_NAMES } from "../packages/mls-core/src/key-schedule/epoch-secrets.ts";
import { RESERVED_TABLES } from "../packages/traits/src/reserved-tables.ts";
import { workspaceRoot, workspacePackages } from "./workspace.ts";

const page = readFileSync(join(workspaceRoot, "docs", "security.md"), "utf8");
const section = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const rows = (heading: string): string[] =>
  section(heading)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1);

describe("docs/security.md", () => {
  it("has every table of the library, and every secret of an epoch", () => {
    const secrets = section("Every secret");
    expect(RESERVED_TABLES.filter((table) => !secrets.includes(`\`${table}\``))).toEqual([]);
    const words = EPOCH_SECRET_NAMES.map((name) => name.replace(/Secret$|Key$/, "").replace(/[A-Z]/g, " $&"));
    const epoch = rows("Every secret").find((row) => row.includes("`epoch`"))!;
    expect(words.filter((name) => !epoch.toLowerCase().includes(name.toLowerCase()))).toEqual([]);
  });

  it("names a test for every secret, one that looks", () => {
    for (const row of rows("Every secret").slice(1)) {
      const tests = Array.from(row.matchAll(/\]\(\.\.\/([^)]+\.test\.ts)\)/g), ([, file]) => file!);
      expect([row, tests.length]).not.toEqual([row, 0]);
      for (const file of tests) {
        expect(readFileSync(join(workspaceRoot, file), "utf8")).toMatch(
          /wipe|left\(|erased|dead|gone|entries\(\)|fill\(0\)|ERR_MLS_MISSING_PSK|ERR_MLS_RESTORED/i,
        );
      }
    }
  });

  it("has every store", () => {
    const stores = workspacePackages().filter(({ folder }) => folder.startsWith("storage-"));
    const listed = section("What a store leaves on the disk");
    expect(stores.map(({ folder }) => folder).filter((folder) => !listed.includes(`| ${folder} `))).toEqual(
      [],
    );
  });
});
