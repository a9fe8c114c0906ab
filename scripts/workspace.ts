import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the workspace's root folder. */
export const workspaceRoot: string = fileURLToPath(new URL("..", import.meta.url));

/** A package of this workspace, as far as the scripts need to know it. */
export interface WorkspacePackage {
  /** Folder below `packages/`, which is also the name without the scope. */
  readonly folder: string;
  readonly path: string;
  readonly published: boolean;
}

/** All packages below `packages/`, sorted by name. */
export function workspacePackages(root: string = workspaceRoot): WorkspacePackage[] {
  return readdirSync(join(root, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => {
      const path = join(root, "packages", entry.name);
      const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as { private?: boolean };
      return { folder: entry.name, path, published: manifest.private !== true };
    })
    .sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Outcome of a child process: exit code (1 if a signal ended it) and, if captured, stdout and stderr. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs one of the tools in node_modules/.bin (or any program on PATH) in `cwd`. */
export function runTool(
  tool: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly capture?: boolean } = {},
): Outcome {
  const result = spawnSync(tool, args, {
    cwd: options.cwd ?? workspaceRoot,
    stdio: options.capture === true ? "pipe" : "inherit",
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${join(workspaceRoot, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    },
    shell: process.platform === "win32",
  });
  if (result.error !== undefined) return { code: 1, output: result.error.message };
  // With stdio "inherit" there is no captured text: both are null then, whatever the types say.
  const output = [result.stdout as string | null, result.stderr as string | null].map((text) => text ?? "");
  return { code: result.status ?? 1, output: output.join("") };
}
