// Checks the dependency direction between packages and between the layers of mls-core, import cycles, and file lengths.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { importCycles } from "./import-cycles.ts";
import {
  coreForbidden,
  coreLayers,
  freePackages,
  maxLines,
  maxTestLines,
  packageImports,
} from "./layer-rules.ts";
import { isTestCode, sourceFiles, withoutComments } from "./source-files.ts";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

const importPattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g;

function importsOf(code: string): string[] {
  return [...code.matchAll(importPattern)].map((match) => match[1] ?? "");
}

/** Files that `file` imports by a relative path, all of them relative to `src`, with slashes. */
function filesImported(src: string, file: string, code: string): string[] {
  return importsOf(code)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) =>
      relative(src, resolve(src, dirname(file), specifier))
        .split(sep)
        .join("/"),
    );
}

/** Layer number of a path relative to mls-core's src, or undefined for a folder that no layer names. */
function layerOf(file: string): number | undefined {
  const folder = file.includes("/") ? (file.split("/")[0] ?? "") : ".";
  const layer = coreLayers.findIndex((folders) => folders.includes(folder));
  return layer === -1 ? undefined : layer;
}

function checkCoreFile(src: string, file: string, code: string): string[] {
  const problems = coreForbidden
    .filter(([pattern]) => pattern.test(code))
    .map(([, what]) => `uses ${what}, which belongs in a provider package`);
  if (file === "index.ts") return problems;

  const own = layerOf(file);
  if (own === undefined) return [...problems, "is in a folder that is in no layer (scripts/layer-rules.ts)"];
  for (const imported of filesImported(src, file, code)) {
    const layer = layerOf(imported);
    if (imported === "index.ts") problems.push("imports index.ts, which re-exports every layer");
    else if (layer === undefined || layer > own) {
      problems.push(`is in layer ${own} and imports ${imported} of layer ${layer ?? "none"}`);
    }
  }
  return problems;
}

function checkPackageImports(folder: string, code: string): string[] {
  const allowed = packageImports[folder] ?? [];
  const problems: string[] = [];
  for (const specifier of importsOf(code)) {
    const name = /^@openmls-ts\/([^/]+)/.exec(specifier)?.[1];
    if (name !== undefined && !allowed.includes(name))
      problems.push(`imports ${specifier}, against the direction`);
    if (/^\.\.?\/.*\bpackages\//.test(specifier)) problems.push(`reaches into another package: ${specifier}`);
  }
  return problems;
}

/** Shipped source files of a package and their code without comments, by path relative to its src, with slashes. */
function shippedFiles(src: string): Map<string, string> {
  const shipped = [...sourceFiles(src)].filter(([file]) => !isTestCode(file));
  return new Map(shipped.map(([file, text]) => [file, withoutComments(text)]));
}

/** An index.ts that nobody imports is in no cycle, so it needs no exception. */
function checkCycles(src: string, files: ReadonlyMap<string, string>): string[][] {
  return importCycles(new Map([...files].map(([file, code]) => [file, filesImported(src, file, code)])));
}

function checkPackages(root: string): string[] {
  const problems: string[] = [];
  for (const { folder, path } of workspacePackages(root)) {
    const src = join(path, "src");
    const files = shippedFiles(src);
    for (const cycle of checkCycles(src, files)) {
      problems.push(`packages/${folder}/src: import cycle ${[...cycle, cycle[0]].join(" → ")}`);
    }
    if (freePackages.includes(folder)) continue;
    if (packageImports[folder] === undefined) {
      problems.push(`packages/${folder}: not named in scripts/layer-rules.ts`);
      continue;
    }
    for (const [file, code] of files) {
      const found = checkPackageImports(folder, code);
      if (folder === "mls-core") found.push(...checkCoreFile(src, file, code));
      problems.push(...found.map((problem) => `packages/${folder}/src/${file}: ${problem}`));
    }
  }
  return problems;
}

function checkLengths(root: string): string[] {
  const problems: string[] = [];
  const folders = ["packages", "examples", "test-vectors", "scripts"].filter((folder) =>
    existsSync(join(root, folder)),
  );
  const skip = (name: string): boolean => name === "node_modules" || name === "dist";
  for (const folder of folders) {
    for (const native of globSync(`${folder}/**/*.{ts,mjs,js}`, { cwd: root, exclude: skip })) {
      const file = native.split(sep).join("/");
      const most = isTestCode(file) ? maxTestLines : maxLines;
      const lines = readFileSync(join(root, native), "utf8").trimEnd().split("\n").length;
      if (lines > most) {
        problems.push(`${file}: ${lines} lines, more than ${most}`);
      }
    }
  }
  return problems;
}

/** All violations in the workspace at `root`, one line each; empty if there are none. */
export function checkLayers(root: string): string[] {
  return [...checkPackages(root), ...checkLengths(root)].sort();
}

if (import.meta.main) {
  const problems = checkLayers(workspaceRoot);
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? "layers: no violation" : `layers: ${problems.length} violations`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
