// How the size of the core is measured: sources bundled and minified by esbuild, as an application would ship them.
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { packageEntries, type Entry } from "./check-public-types.ts";
import { isTestCode, sourceFiles } from "./source-files.ts";
import { workspaceRoot } from "./workspace.ts";

/** A bundle in memory. Sizes are in bytes. */
export interface Bundle {
  readonly text: string;
  readonly minified: number;
  readonly gzipped: number;
  readonly metafile: Metafile;
}

/** Source of the core's public entry in the workspace at `root`. */
export function coreEntry(root: string = workspaceRoot): string {
  return join(root, "packages", "mls-core", "src", "index.ts");
}

/** One bundle with everything that the given source files export. */
export async function bundle(files: readonly string[], root: string = workspaceRoot): Promise<Bundle> {
  const contents = files.map((file) => `export * from ${JSON.stringify(file)};`).join("\n");
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    conditions: ["@openmls-ts/source"],
    external: ["node:*"], // what a server has at hand and an application does not ship
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    legalComments: "none",
    logLevel: "silent",
  });
  const output = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    text: new TextDecoder().decode(output),
    minified: output.length,
    gzipped: gzipSync(output, { level: 9 }).length,
    metafile,
  };
}

/** Entries of the published packages whose shipped code may use the core: what builds on it. */
export function entriesOnCore(root: string = workspaceRoot): Entry[] {
  return packageEntries(root).filter(({ folder }) => needs(root, folder, "@openmls-ts/mls-core"));
}

/** Entries of the published crypto providers: those that build on HPKE, and have a factory of their own. */
export function providerEntries(root: string = workspaceRoot): Entry[] {
  return packageEntries(root).filter(
    ({ folder, specifier }) =>
      needs(root, folder, "@openmls-ts/hpke") && !isDraft(folder) && specifier.split("/").length === 2,
  );
}

/** Packages of drafts: what an application that imports none of them must not carry. */
export function draftEntries(root: string = workspaceRoot): Entry[] {
  return packageEntries(root).filter(({ folder }) => isDraft(folder));
}

function isDraft(folder: string): boolean {
  return ["extensions", "targeted-messages", "crypto-pq"].includes(folder);
}

function needs(root: string, folder: string, dependency: string): boolean {
  const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as {
    private?: boolean;
    dependencies?: Readonly<Record<string, string>>;
    peerDependencies?: Readonly<Record<string, string>>;
  };
  const needed = { ...manifest.dependencies, ...manifest.peerDependencies };
  return manifest.private !== true && needed[dependency] !== undefined;
}

/** Source files of drafts in a bundle, and other packages of theirs that nothing else needs. */
export function draftInputs({ metafile }: Pick<Bundle, "metafile">): string[] {
  return Object.keys(metafile.inputs).filter((file) => {
    const [, folder] = /^packages\/([^/]+)\//.exec(file) ?? [];
    return file.includes("@noble/post-quantum") || (folder !== undefined && isDraft(folder));
  });
}

/** The `name` literals of the features in the packages of the given entries: `name: "…"` in files that speak of Feature. */
export function featureNames(entries: readonly Entry[]): string[] {
  const names = new Set<string>();
  for (const folder of new Set(entries.map(({ file }) => dirname(file)))) {
    for (const [file, code] of sourceFiles(folder)) {
      if (isTestCode(file) || !/\bFeature\b/.test(code)) continue;
      for (const [, name] of code.matchAll(/\bname\s*[:=]\s*["'`]([^"'`$]+)["'`]/g)) names.add(name ?? "");
    }
  }
  return [...names].sort();
}

/** The names of post-quantum suites, KEMs and signatures: string literals of the files that list them. */
export function suiteNames(entries: readonly Entry[]): string[] {
  const folders = new Set(
    entries.filter(({ folder }) => folder === "crypto-pq").map(({ file }) => dirname(file)),
  );
  const codes = [...folders]
    .flatMap((folder) => [...sourceFiles(folder)])
    .filter(([file]) => !isTestCode(file));
  const names = codes.flatMap(([, code]) =>
    Array.from(code.matchAll(/"((?:ML-|MLKEM|MLS_)[\w-]+)"/g), ([, name]) => name ?? ""),
  );
  return [...new Set(names)].sort();
}

/** Those of `names` that stand as a string in a bundle's text. */
export function namesIn(text: string, names: readonly string[]): string[] {
  return names.filter((name) => [`"`, `'`, "`"].some((quote) => text.includes(quote + name + quote)));
}
