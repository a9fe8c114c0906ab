import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formats } from "./formats/index.ts";
import { collect, foldersOf, parseCases } from "./loader.ts";
import type { ManifestEntry } from "./manifest.ts";
import { readManifest } from "./manifest.ts";

const CONTENT = '[{"vlbytes_header":"00","length":0},{"vlbytes_header":"0d","length":13}]';

function entryOf(file: string, content: string): ManifestEntry {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return {
    file,
    format: "deserialization",
    cases: 2,
    bytes: content.length,
    sha256,
    repository: "a/b",
    commit: "c",
    path: "d",
  };
}

describe("the loader", () => {
  let folder = "";
  const manifest = [entryOf("mls/deserialization.json", CONTENT)];
  const only = (...search: string[]): { search: string[]; further: undefined } => ({
    search,
    further: undefined,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mls-vectors-"));
    mkdirSync(join(folder, "mls"));
    writeFileSync(join(folder, "mls", "deserialization.json"), CONTENT);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds a file whose hash is right", () => {
    const { files, missing, broken } = collect(manifest, formats, only(folder));
    expect(files.map(({ file, format }) => [file, format.name])).toEqual([
      ["mls/deserialization.json", "deserialization"],
    ]);
    expect([...(files[0]?.suites ?? [])]).toEqual([[null, [0, 1]]]);
    expect(missing).toEqual([]);
    expect(broken).toEqual([]);
  });

  it("refuses a file that was tampered with, though its length is right", () => {
    writeFileSync(join(folder, "mls", "deserialization.json"), CONTENT.replace("13", "14"));
    const { files, broken } = collect(manifest, formats, only(folder));
    expect(files).toEqual([]);
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatchObject({ file: "mls/deserialization.json", cases: 2 });
    expect(broken[0]?.reason).toContain("SHA-256");
  });

  it("refuses a file that was cut off", () => {
    writeFileSync(join(folder, "mls", "deserialization.json"), CONTENT.slice(0, 36));
    expect(collect(manifest, formats, only(folder)).broken[0]?.reason).toContain("bytes instead of");
  });

  it("names what is missing, and how to get it", () => {
    const { files, missing } = collect(manifest, formats, only(join(folder, "nowhere")));
    expect(files).toEqual([]);
    expect(missing).toEqual([
      {
        file: "mls/deserialization.json",
        cases: 2,
        reason: "not found: set MLS_TEST_VECTORS, or run pnpm vectors:fetch",
        mayBeMissing: false,
      },
    ]);
  });

  it("takes the first folder that has the file", () => {
    const second = join(folder, "second");
    cpSync(join(folder, "mls"), join(second, "mls"), { recursive: true });
    const found = collect(manifest, formats, only(join(folder, "nowhere"), second, folder));
    expect(found.files[0]?.path).toBe(join(second, "mls", "deserialization.json"));
  });

  it("runs further files of known formats, recognised by shape or by name, and leaves others aside", () => {
    writeFileSync(
      join(folder, "more.json"),
      '[{"n_leaves":1,"n_nodes":1,"root":0,"left":[],"right":[],"parent":[],"sibling":[]}]',
    );
    writeFileSync(join(folder, "proposal_ref.json"), '[{"cipher_suite":5,"input":"","output":""}]');
    writeFileSync(join(folder, "recipe.json"), '[{"flour":200}]');
    writeFileSync(join(folder, "torn.json"), "[");
    const { files, broken, leftAside } = collect(manifest, formats, { search: [folder], further: folder });
    expect(files.map(({ file, format }) => [file, format.name])).toEqual([
      ["mls/deserialization.json", "deserialization"],
      ["more.json", "tree-math"],
      ["proposal_ref.json", "proposal-ref"],
    ]);
    expect([...(files[2]?.suites.keys() ?? [])]).toEqual([5]);
    expect(leftAside).toEqual(["recipe.json"]);
    expect(broken.map(({ file }) => file)).toEqual(["torn.json"]);
  });

  it("looks where MLS_TEST_VECTORS says first", () => {
    expect(foldersOf({ MLS_TEST_VECTORS: folder })).toMatchObject({ further: folder });
    expect(foldersOf({ MLS_TEST_VECTORS: folder }).search[0]).toBe(folder);
    expect(foldersOf({}).further).toBeUndefined();
  });

  it("keeps integers that a number would round", () => {
    expect(
      parseCases('[{"epoch": 18446744073709551615, "n": [1, 2], "hex": "1234567890123456789"}]'),
    ).toEqual([{ epoch: "18446744073709551615", n: [1, 2], hex: "1234567890123456789" }]);
  });
});

describe("the manifest", () => {
  it("gives every file an origin, a hash and a runner", () => {
    for (const entry of readManifest()) {
      expect(entry.sha256, entry.file).toMatch(/^[0-9a-f]{64}$/);
      expect(entry.cases, entry.file).toBeGreaterThan(0);
      expect(
        formats.map(({ name }) => name),
        entry.file,
      ).toContain(entry.format);
      expect(entry.origin ?? entry.commit ?? entry.change, entry.file).toMatch(
        /^(copied from .*|generated|[0-9a-f]{40})$/,
      );
    }
  });
});
