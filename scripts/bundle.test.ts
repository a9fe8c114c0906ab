import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  bundle,
  coreEntry,
  draftEntries,
  draftInputs,
  entriesOnCore,
  featureNames,
  namesIn,
  providerEntries,
  suiteNames,
} from "./bundle.ts";
import { workspace } from "./testing/workspace.ts";

const manifest = (more: object): string => JSON.stringify({ sideEffects: false, ...more });
const at = (file: string): object => ({ "@openmls-ts/source": `./src/${file}.ts` });

const core = {
  "packages/mls-core/package.json": manifest({ exports: { ".": at("index") } }),
  "packages/mls-core/src/index.ts": `export const label = "MLS 1.0 " + "x";\nexport interface Feature { name: string }`,
};

const extensions = {
  "packages/extensions/package.json": manifest({
    exports: { "./one": at("one"), "./two": at("two"), "./package.json": "./package.json" },
    dependencies: { "@openmls-ts/mls-core": "workspace:^" },
  }),
  "packages/extensions/src/one.ts": `import { label, type Feature } from "@openmls-ts/mls-core";
    export const one: Feature = { name: "first_feature" };
    export const oneLabel = label;`,
  "packages/extensions/src/two.ts": `import type { Feature } from "@openmls-ts/mls-core";
    export function two(): Feature { return { name: "second_feature" }; }`,
  "packages/extensions/src/other.ts": `export const other = { name: "no feature" };`,
  "packages/extensions/src/two.test.ts": `const x: Feature = { name: "of a test" };`,
};

function linked(files: Readonly<Record<string, string>>): string {
  const root = workspace(files);
  mkdirSync(join(root, "node_modules/@openmls-ts"), { recursive: true });
  symlinkSync(join(root, "packages/mls-core"), join(root, "node_modules/@openmls-ts/mls-core"), "junction");
  return root;
}

describe("bundle", () => {
  it("finds no entries on a core that nobody builds on", () => {
    const root = workspace(core);
    expect(entriesOnCore(root)).toEqual([]);
    expect(featureNames([])).toEqual([]);
  });

  it("finds every entry of the packages that depend on the core, private ones left out", () => {
    const root = linked({
      ...core,
      ...extensions,
      "packages/own/package.json": manifest({
        private: true,
        exports: { ".": at("index") },
        dependencies: { "@openmls-ts/mls-core": "workspace:^" },
      }),
      "packages/own/src/index.ts": "",
    });
    const specifiers = entriesOnCore(root).map(({ specifier }) => specifier);
    expect(specifiers).toEqual(["@openmls-ts/extensions/one", "@openmls-ts/extensions/two"]);
  });

  it("counts the core once in what an entry adds", async () => {
    const root = linked({ ...core, ...extensions });
    const alone = await bundle([coreEntry(root)], root);
    const [one] = entriesOnCore(root);
    const both = await bundle([coreEntry(root), one?.file ?? ""], root);
    expect(both.minified).toBeGreaterThan(alone.minified);
    expect(both.text.split("MLS 1.0 ")).toHaveLength(2);
    expect(Object.keys(both.metafile.inputs)).toContain("packages/extensions/src/one.ts");
  });

  it("sees a feature's name in the core", async () => {
    const root = linked({
      ...core,
      ...extensions,
      "packages/mls-core/src/index.ts": `export const known = (x: string): boolean => x === "second_feature";`,
    });
    const names = featureNames(entriesOnCore(root));
    expect(names).toEqual(["first_feature", "second_feature"]);
    expect(namesIn((await bundle([coreEntry(root)], root)).text, names)).toEqual(["second_feature"]);
  });

  it("tells providers from drafts, and sees a draft that a provider carries", async () => {
    const root = linked({
      ...core,
      "packages/crypto-one/package.json": manifest({
        exports: { ".": at("index"), "./more": at("more") },
        dependencies: { "@openmls-ts/hpke": "workspace:^" },
      }),
      "packages/crypto-one/src/index.ts": `export { kem } from "../../crypto-pq/src/kem.ts";\nimport "node:crypto";`,
      "packages/crypto-one/src/more.ts": `export const more = 1;`,
      "packages/crypto-pq/package.json": manifest({
        exports: { ".": at("kem") },
        dependencies: { "@openmls-ts/hpke": "workspace:^" },
      }),
      "packages/crypto-pq/src/kem.ts": `export const kem = "ML-KEM-9";\nexport const suite = "MLS_1_MLKEM9";`,
      "packages/crypto-pq/src/kem.test.ts": `const other = "ML-KEM-0";`,
    });
    const drafts = draftEntries(root);
    expect(providerEntries(root).map(({ specifier }) => specifier)).toEqual(["@openmls-ts/crypto-one"]);
    expect(drafts.map(({ specifier }) => specifier)).toEqual(["@openmls-ts/crypto-pq"]);
    expect(suiteNames(drafts)).toEqual(["ML-KEM-9", "MLS_1_MLKEM9"]);
    expect(draftInputs(await bundle([coreEntry(root)], root))).toEqual([]);
    const [provider] = providerEntries(root);
    const made = await bundle([coreEntry(root), provider?.file ?? ""], root);
    expect(draftInputs(made)).toEqual(["packages/crypto-pq/src/kem.ts"]);
    expect(namesIn(made.text, suiteNames(drafts))).toContain("ML-KEM-9");
  });
});
