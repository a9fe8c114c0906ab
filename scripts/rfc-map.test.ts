import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceRoot } from "./workspace.ts";

const map = readFileSync(join(workspaceRoot, "docs", "rfc-map.md"), "utf8");
const rows = map.split("\n").filter((line) => /^\| (?:\d|App)/.test(line));
const sections = rows.map((row) => row.split("|")[1]?.trim() ?? "");

/** What chapters 2 to 15 of RFC 9420 have to implement; headings without text of their own left out. */
const REQUIRED =
  "2.1 2.1.1 2.1.2 3 3.1 3.2 3.3 3.4 4.1 4.1.1 4.1.2 4.2 5.1 5.1.1 5.1.2 5.1.3 5.2 5.3 5.3.1 5.3.2 5.3.3 6 6.1 6.2 6.3 " +
  "6.3.1 6.3.2 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 7.9.1 7.9.2 8 8.1 8.2 8.3 8.4 8.5 8.6 8.7 9 9.1 9.2 10 10.1 11 11.1 " +
  "11.2 11.3 12.1 12.1.1 12.1.2 12.1.3 12.1.4 12.1.5 12.1.6 12.1.7 12.1.8 12.1.8.1 12.2 12.3 12.4 12.4.1 12.4.2 12.4.3 " +
  "12.4.3.1 12.4.3.2 12.4.3.3 13.1 13.2 13.3 13.4 13.5 14 15 15.1 15.2 15.3";

function sourceFiles(folder: string): string[] {
  return readdirSync(join(workspaceRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(workspaceRoot, folder, file));
}

describe("docs/rfc-map.md", () => {
  it("names files that exist", () => {
    const paths = rows.flatMap((row) => Array.from(row.matchAll(/`([^`]+)`/g), ([, path]) => path ?? ""));
    expect(paths.length).toBeGreaterThan(200);
    const missing = paths.filter((path) => {
      const fromRoot = /^(?:packages|test-vectors|examples)\//.test(path);
      return !existsSync(join(workspaceRoot, fromRoot ? path : join("packages/mls-core/src", path)));
    });
    expect(missing).toEqual([]);
  });

  it("has a row for every section from 2 to 15", () => {
    expect(REQUIRED.split(" ").filter((section) => !sections.includes(section))).toEqual([]);
  });

  it("has a row for every section that the code cites", () => {
    const cited = new Set<string>();
    for (const file of ["mls-core", "traits", "basic-credential"].flatMap((name) =>
      sourceFiles(`packages/${name}/src`),
    )) {
      for (const [, section] of readFileSync(file, "utf8").matchAll(/RFC 9420 §(\d+(?:\.\d+)*)/g)) {
        cited.add(section ?? "");
      }
    }
    expect(cited.size).toBeGreaterThan(50);
    expect([...cited].filter((section) => !sections.includes(section))).toEqual([]);
  });
});
