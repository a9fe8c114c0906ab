import { describe, expect, it } from "vitest";
import { checkLayers } from "./check-layers.ts";
import { workspace } from "./testing/workspace.ts";

function core(files: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { "packages/mls-core/package.json": "{}" };
  for (const [file, text] of Object.entries(files)) all[`packages/mls-core/src/${file}`] = text;
  return workspace(all);
}

describe("checkLayers", () => {
  it("accepts imports from the own layer and lower ones", () => {
    const root = core({
      "tree/node.ts": `import { a } from "../codec/reader.ts";\nimport { b } from "./math.ts";`,
      "group/group.ts": `import type { T } from "../tree/node.ts";\nimport { x } from "@openmls-ts/traits";`,
      "labels/sign.ts": `import { y } from "../registry.ts";`,
      "index.ts": `export * from "./group/group.ts";`,
    });
    expect(checkLayers(root)).toEqual([]);
  });

  it("refuses an import of a higher layer", () => {
    const root = core({ "tree/node.ts": `import { g } from "../group/group.ts";` });
    expect(checkLayers(root)).toEqual([
      "packages/mls-core/src/tree/node.ts: is in layer 4 and imports group/group.ts of layer 10",
    ]);
  });

  it("refuses a dynamic import, a re-export and a type import of a higher layer alike", () => {
    const root = core({
      "codec/a.ts": `const x = await import("../tree/node.ts");`,
      "codec/b.ts": `export { x } from "../tree/node.ts";`,
      "codec/c.ts": `import type { X } from "../registry.ts";`,
    });
    expect(checkLayers(root)).toHaveLength(3);
  });

  it.each([
    ["noble", `import { sha256 } from "@noble/hashes/sha2.js";`],
    ["a Node.js module", `import { createHash } from "node:crypto";`],
    ["crypto.subtle", `await globalThis.crypto.subtle.digest("SHA-256", x);`],
    ["indexedDB", `indexedDB.open("x");`],
  ])("refuses %s in the core", (what, text) => {
    expect(checkLayers(core({ "codec/a.ts": text }))).toEqual([
      `packages/mls-core/src/codec/a.ts: uses ${what}, which belongs in a provider package`,
    ]);
  });

  it("refuses a folder that no layer names, and an import of index.ts", () => {
    const root = core({ "utils/a.ts": "", "tree/a.ts": `import { x } from "../index.ts";` });
    expect(checkLayers(root)).toEqual([
      "packages/mls-core/src/tree/a.ts: imports index.ts, which re-exports every layer",
      "packages/mls-core/src/utils/a.ts: is in a folder that is in no layer (scripts/layer-rules.ts)",
    ]);
  });

  it("leaves comments and test code alone", () => {
    const root = core({
      "codec/a.ts": `/** import { x } from "node:fs" */\n// import { y } from "../group/group.ts";`,
      "codec/a.test.ts": `import { x } from "../group/group.ts";\nimport { nobleCrypto } from "@openmls-ts/crypto-noble";`,
      "tree/testing/make.ts": `import { readFileSync } from "node:fs";`,
    });
    expect(checkLayers(root)).toEqual([]);
  });

  it("refuses a package import against the direction, and an unknown package", () => {
    const root = workspace({
      "packages/traits/package.json": "{}",
      "packages/traits/src/a.ts": `import { seal } from "@openmls-ts/hpke";`,
      "packages/stray/package.json": "{}",
    });
    expect(checkLayers(root)).toEqual([
      "packages/stray: not named in scripts/layer-rules.ts",
      "packages/traits/src/a.ts: imports @openmls-ts/hpke, against the direction",
    ]);
  });

  it("refuses a shipped file over 300 lines and a test over 400, whatever they say", () => {
    const long = "// long-file: one table, best read in one piece\n".repeat(301);
    const root = core({
      "tree/a.ts": long,
      "tree/a.test.ts": long,
      "tree/testing/b.ts": long,
      "tree/b.test.ts": "export {};\n".repeat(401),
      "tree/c.ts": "export {};\n".repeat(300),
    });
    expect(checkLayers(root)).toEqual([
      "packages/mls-core/src/tree/a.ts: 301 lines, more than 300",
      "packages/mls-core/src/tree/b.test.ts: 401 lines, more than 400",
    ]);
  });
});

describe("import cycles", () => {
  const imports = (...files: string[]): string =>
    files.map((file) => `import { x } from "./${file}.ts";`).join("\n");

  it("are refused in any package, through types as through values", () => {
    const root = workspace({
      "packages/hpke/package.json": "{}",
      "packages/hpke/src/a.ts": `import type { B } from "./deep/b.ts";`,
      "packages/hpke/src/deep/b.ts": `export * from "../a.ts";`,
    });
    expect(checkLayers(root)).toEqual(["packages/hpke/src: import cycle a.ts → deep/b.ts → a.ts"]);
  });

  it("are shown once for each component, the shortest one", () => {
    const root = core({
      "tree/a.ts": imports("b"),
      "tree/b.ts": imports("c"),
      "tree/c.ts": imports("a", "d"),
      "tree/d.ts": imports("c", "leaf"),
      "tree/leaf.ts": "",
      "tree/m.ts": imports("n", "a"),
      "tree/n.ts": imports("m"),
      "tree/self.ts": imports("self"),
    });
    expect(checkLayers(root)).toEqual([
      "packages/mls-core/src: import cycle tree/c.ts → tree/d.ts → tree/c.ts",
      "packages/mls-core/src: import cycle tree/m.ts → tree/n.ts → tree/m.ts",
      "packages/mls-core/src: import cycle tree/self.ts → tree/self.ts",
    ]);
  });

  it("through an index.ts count if somebody imports it, and tests and shared imports make none", () => {
    const root = core({
      "codec/index.ts": `export * from "./reader.ts";\nexport * from "./writer.ts";`,
      "codec/reader.ts": imports("bytes"),
      "codec/writer.ts": imports("bytes"),
      "codec/bytes.ts": "",
      "codec/bytes.test.ts": imports("reader"),
      "tree/index.ts": `export * from "./node.ts";`,
      "tree/node.ts": imports("index"),
    });
    expect(checkLayers(root)).toEqual([
      "packages/mls-core/src: import cycle tree/index.ts → tree/node.ts → tree/index.ts",
    ]);
  });
});
