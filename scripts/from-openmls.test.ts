import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publicNames } from "./public-names.ts";
import { ruleTexts } from "./rules-text.ts";
import { workspaceRoot } from "./workspace.ts";

const page = readFileSync(join(workspaceRoot, "docs/from-openmls.md"), "utf8");
const cells = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:OpenMLS|-)/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));
const spansOf = (text: string): string[] => Array.from(text.matchAll(/`([^`]+)`/g), ([, span]) => span ?? "");
const theirs = new Set(
  cells.flatMap(([left = ""]) => spansOf(left)).flatMap((span) => span.match(/\w+/g) ?? []),
);
const ours = [...new Set(cells.flatMap(([, right = ""]) => spansOf(right)))];

const names = publicNames(workspaceRoot);
const codes = new Set(names.literalsOf("MlsErrorCode"));

/** Whether a span of the right column stands for something that is here. */
function exists(span: string): boolean {
  if (span.startsWith("@openmls-ts/")) return existsSync(join(workspaceRoot, "packages", span.slice(12)));
  if (span.startsWith("ERR_")) return codes.has(span);
  if (span.startsWith("config.")) return names.has(`MlsGroupConfig#${span.slice(7)}`);
  return names.has(span);
}

describe("docs/from-openmls.md", () => {
  it("has rows of two cells, many of them", () => {
    expect(cells.filter((row) => row.length !== 2)).toEqual([]);
    expect(cells.length).toBeGreaterThan(100);
  });

  it("names on the right what is here, and nothing else", () => {
    const values = new Set(['"padme"', '"ownEcho"', "bigint", "proposalType"]); // no names of exports
    expect(ours.filter((span) => !values.has(span) && !exists(span))).toEqual([]);
    expect(ours.length).toBeGreaterThan(200);
  });

  it("names rules that there are", () => {
    const known = new Set(ruleTexts().map(({ id }) => id));
    const named = Array.from(page.matchAll(/\brule ([a-z]+\d+)/g), ([, id]) => id ?? "");
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it("has each public call of OpenMLS on the left", () => {
    const list = readFileSync(join(workspaceRoot, "scripts/testing/openmls-calls.txt"), "utf8");
    const calls = list
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .flatMap((line) =>
        line
          .slice(line.indexOf(":") + 1)
          .trim()
          .split(" "),
      );
    expect(calls.length).toBeGreaterThan(400);
    expect([...new Set(calls)].filter((call) => !theirs.has(call))).toEqual([]);
  });

  it("says that nothing is missing but what is said at its end", () => {
    expect(page.slice(0, page.indexOf("## Not here"))).not.toMatch(/missing here|not yet/i);
  });
});
