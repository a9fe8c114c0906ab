import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceRoot } from "./workspace.ts";

const map = readFileSync(join(workspaceRoot, "docs", "rfc-map.md"), "utf8");
const rows = map.split("\n").filter((line) => /^\| (?:\d|App)/.test(line));
const sections = rows.map((row) => row.split("|")[1]?.trim() ?? "");

/** RFC 9420, sections 2 to 15, that have something to implement: number of the chapter, and how many below it. */
const chapters: Readonly<Record<string, number>> = {
  "2.1": 2,
  "3": 4,
  "4.1": 2,
  "5.1": 3,
  "5.3": 3,
  "6": 3,
  "6.3": 2,
  "7": 9,
  "7.9": 2,
  "8": 7,
  "9": 2,
  "10": 1,
  "11": 3,
  "12": 4,
  "12.1": 8,
  "12.1.8": 1,
  "12.4": 3,
  "12.4.3": 3,
  "13": 5,
  "15": 3,
};

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
    const wanted = Object.entries(chapters).flatMap(([chapter, count]) =>
      Array.from({ length: count }, (_, i) => `${chapter}.${i + 1}`),
    );
    // Chapters 4.2, 5.2 and 14 have no row above; those without text of their own are not wanted.
    const all = [...wanted, "3", "4.2", "5.2", "6", "8", "9", "10", "11", "14", "15"];
    expect(all.filter((section) => !sections.includes(section) && !["4.1", "7"].includes(section))).toEqual(
      [],
    );
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
