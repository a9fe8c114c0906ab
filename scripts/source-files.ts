import { existsSync, globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** Test code is not shipped: `*.test.ts`, and everything in a folder named `testing`. Takes a path with slashes. */
export function isTestCode(file: string): boolean {
  return file.endsWith(".test.ts") || file.split("/").includes("testing");
}

/** Code without its comments, so that an example in a doc comment is no import. Strings with "//" stay. */
export function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

/** TypeScript files below `folder` and their text, by path relative to it, with slashes, sorted. */
export function sourceFiles(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(folder)) return files;
  const skip = (name: string): boolean => name === "node_modules" || name === "dist";
  for (const native of globSync("**/*.ts", { cwd: folder, exclude: skip }).sort()) {
    files.set(native.split(sep).join("/"), readFileSync(join(folder, native), "utf8"));
  }
  return files;
}
