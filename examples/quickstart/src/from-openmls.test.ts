import { readFileSync } from "node:fs";
import * as credentials from "@openmls-ts/basic-credential";
import * as core from "@openmls-ts/mls-core";
import * as forks from "@openmls-ts/fork-resolution";
import { describe, expect, it } from "vitest";
import { StagedCommit } from "../../../packages/mls-core/src/group/receive/staged-commit.ts";

const page = readFileSync(new URL("../../../docs/from-openmls.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| OpenMLS"));
const ours = rows.map((row) => row.split(" | ").slice(1).join(" | ")).join("\n");
const names = [
  ...new Set(
    Array.from(ours.matchAll(/`([A-Za-z]+)(?:([#.])([A-Za-z]+))?`/gu), ([name]) => name.slice(1, -1)),
  ),
];

/** What plain values cannot show: types, words of options, and classes that only builders make. */
const BUILDERS: Readonly<Record<string, object>> = {
  CommitBuilder: Object.getPrototypeOf(core.MlsGroup.prototype.commit.call({} as never)) as object,
  StagedCommit: StagedCommit.prototype,
  KeyPackageBuilder: Object.getPrototypeOf(core.KeyPackage.builder()) as object,
};
const exported: Readonly<Record<string, unknown>> = { ...core, ...credentials, ...forks };
const configuration = Object.keys(core.DEFAULT_GROUP_CONFIG);

function exists(name: string): boolean {
  const [owner = "", member = ""] = name.split(/[#.]/u);
  if (owner === "config") return configuration.includes(member);
  if (owner === "proposals") return true;
  const value = exported[owner];
  if (name.includes("#")) {
    const prototype = BUILDERS[owner] ?? (value as { readonly prototype?: object } | undefined)?.prototype;
    return prototype !== undefined && (member in prototype || STAGED.has(name));
  }
  if (name.includes(".")) return value !== undefined && member in (value as object);
  return value !== undefined || WORDS.has(name) || (member === "" && name in core.proposals);
}

/** Fields that instances have, and names of types, options and parts of objects. */
const STAGED = new Set(["StagedCommit#summary", "StagedWelcome#sender"]);
const WORDS = new Set([
  "MlsGroupConfig",
  "handshake",
  "authenticatedData",
  "kind",
  "credential",
  "signatureKey",
  "CredentialValidator",
]);

describe("docs/from-openmls.md", () => {
  it("names many calls", () => {
    expect(names.length).toBeGreaterThan(90);
  });

  it.each(names)("%s is here", (name) => {
    expect(exists(name)).toBe(true);
  });
});
