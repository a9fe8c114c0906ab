import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun, type RunOptions } from "../run.ts";
import { playedIn } from "../runtimes/runtime.ts";
import { install, type Workshop } from "../workshop.ts";

/** One check of a toolchain. @throws Error with what the tool said */
export interface Check {
  readonly title: string;
  run(folder: string): Promise<void>;
}

/** A project of its own, with the packed packages and the tools beside them. */
export interface Toolchain {
  /** As `--only` names it, and the folder in `projects/`. */
  readonly id: string;
  /** npm packages beside ours. */
  readonly tools: Readonly<Record<string, string>>;
  /** Further fields of its package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly checks: readonly Check[];
}

/** Installs the project. @returns its folder */
export async function setUp(toolchain: Toolchain, site: Workshop): Promise<string> {
  const folder = join(site.folder, "..", toolchain.id);
  await install(folder, { ...site.tarballs, ...toolchain.tools }, toolchain.manifest);
  cpSync(join(site.folder, "scene.mjs"), join(folder, "scene.mjs"));
  cpSync(fileURLToPath(new URL(`../../projects/${toolchain.id}`, import.meta.url)), folder, {
    recursive: true,
  });
  return folder;
}

/** Runs a program that the project installed. */
export async function bin(name: string, args: readonly string[], options: RunOptions): Promise<string> {
  return mustRun(join(options.cwd, "node_modules", ".bin", name), args, options);
}

/** Runs a script that plays the scene. @throws Error unless all went well */
export async function mustPlay(program: string, script: string, folder: string): Promise<void> {
  const wrong = playedIn(await mustRun(program, [script], { cwd: folder })).filter(
    ({ error }) => error !== undefined,
  );
  if (wrong.length > 0) throw new Error(wrong.map(({ error }) => error).join("\n"));
}
