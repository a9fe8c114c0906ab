import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./run.ts";

/** The workspace's root. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

/** Files that are copied to where the packages are installed. */
const scenes = fileURLToPath(new URL("../scene", import.meta.url));

/** What npm is told everywhere: nothing to say, and nothing from afar that is here already. */
const QUIET = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];

/** Names of the packages that are published. */
export function publishedPackages(): string[] {
  return readdirSync(join(root, "packages")).filter((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as {
      private?: boolean;
    };
    return manifest.private !== true;
  });
}

/** A folder outside the workspace in which the packed packages are installed, as a user has them. */
export interface Workshop {
  readonly folder: string;
  /** `file:` specifiers of the tarballs by package name. */
  readonly tarballs: Readonly<Record<string, string>>;
  close(): void;
}

/** Packs every published package as a release would. Needs `pnpm build` before. */
async function pack(target: string): Promise<Record<string, string>> {
  const tarballs: Record<string, string> = {};
  for (const folder of publishedPackages()) {
    const cwd = join(root, "packages", folder);
    if (!existsSync(join(cwd, "dist", "index.js"))) throw new Error(`${folder} is not built: run pnpm build`);
    await mustRun("pnpm", ["pack", "--pack-destination", target], { cwd });
    const file = readdirSync(target).find((name) =>
      new RegExp(`^openmls-ts-${folder}-\\d.*\\.tgz$`).test(name),
    );
    if (file === undefined) throw new Error(`no tarball of ${folder}`);
    tarballs[`@openmls-ts/${folder}`] = `file:${join(target, file)}`;
  }
  return tarballs;
}

/** Installs npm packages in a folder. @param specs name to version, tag, alias or `file:` */
export async function install(
  folder: string,
  specs: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, type: "module", ...more, dependencies: specs };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  await mustRun("npm", ["install", ...QUIET], { cwd: folder, timeout: 580 });
}

/** Packs, installs and copies the scenes. @param beside further npm packages to install */
export async function workshop(beside: Readonly<Record<string, string>> = {}): Promise<Workshop> {
  const base = mkdtempSync(join(tmpdir(), "openmls-ts-consumer-"));
  const packed = join(base, "tarballs");
  const folder = join(base, "app");
  mkdirSync(packed);
  const tarballs = await pack(packed);
  await install(folder, { ...tarballs, ...beside });
  cpSync(scenes, folder, { recursive: true });
  return { folder, tarballs, close: () => rmSync(base, { recursive: true, force: true }) };
}

/**
 * A tool from npm in a folder of its own that stays for the next run: `tool("bun", { bun: "1.4.5" })`.
 * @returns the folder
 */
export async function tool(name: string, specs: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, "node_modules", ".cache", "consumer-tools", name);
  const stamp = join(folder, "installed.json");
  const wanted = JSON.stringify(specs);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    await install(folder, specs, { type: "commonjs" });
    writeFileSync(stamp, wanted);
  }
  return folder;
}
