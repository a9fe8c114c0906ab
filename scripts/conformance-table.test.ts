import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { conformanceTable, ROWS, withTable } from "./conformance-table.ts";
import { workspaceRoot } from "./workspace.ts";

const read = (file: string): string => readFileSync(join(workspaceRoot, file), "utf8");

describe("the table of conformance cases by store", () => {
  it("has each store, and fewer cases where a store lasts or shares less", () => {
    const lines = conformanceTable(ROWS, read).trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    const counts = lines.slice(2).map((line) => Number(/\| (\d+) of/.exec(line)?.[1]));
    const most = Math.max(...counts);
    expect(counts.filter((count) => count < most)).toHaveLength(2);
    expect(Math.min(...counts)).toBeGreaterThan(20);
  });

  it("is refused where nothing runs the cases, or not on that store, or not in CI", () => {
    const without = (file: string, part: string) => (name: string) =>
      name === file ? read(name).replaceAll(part, "") : read(name);
    const { runner } = ROWS[0]!;
    expect(() => conformanceTable(ROWS, without(runner, "storageCasesFor("))).toThrow(
      /memory: .*storageCasesFor/,
    );
    expect(() => conformanceTable(ROWS, without(runner, "memoryStorage()"))).toThrow(/memory: /);
    expect(() => conformanceTable(ROWS, without(".ci/run", "pnpm test:bun"))).toThrow(/Bun: .*test:bun/);
  });

  it("changes in the README when a store offers less, and only there", () => {
    const page = read("README.md");
    const lame = (name: string): string =>
      name === ROWS[5]!.context ? read(name).replaceAll("openSecond", "openThird") : read(name);
    const changed = withTable(page, conformanceTable(ROWS, lame));
    expect(changed).toContain("is for one process");
    expect(changed).not.toBe(withTable(page, conformanceTable(ROWS, read)));
    expect(() => withTable("# Nothing\n", "")).toThrow(/no section/);
  });
});
