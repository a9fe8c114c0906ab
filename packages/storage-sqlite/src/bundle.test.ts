import { build } from "esbuild";
import { execFile } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { testFolder } from "./testing/folder.ts";

const folder = testFolder();
afterAll(() => folder.remove());

const SCRIPT = `
  import { sqliteStorage } from "@openmls-ts/storage-sqlite";
  async function main() {
    const storage = sqliteStorage(process.argv[2]);
    const key = { table: "t", owner: new Uint8Array(1), id: new Uint8Array(1) };
    await storage.write({ puts: [{ key, value: Uint8Array.of(42) }] });
    console.log("read", (await storage.get(key))[0]);
    storage.close();
  }
  main().catch((error) => console.log(error.code, error.message));
`;

/** Bundles the script into a folder of its own, with or without better-sqlite3 beside it, and runs it there. */
async function runBundle(format: "cjs" | "esm", name: string, withDriver: boolean): Promise<string> {
  const place = join(dirname(folder.file()), `${name}-${format}`);
  const bundle = join(place, `main.${format === "cjs" ? "cjs" : "mjs"}`);
  await build({
    stdin: { contents: SCRIPT, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    alias: { "@openmls-ts/storage-sqlite": fileURLToPath(new URL("index.ts", import.meta.url)) },
    conditions: ["@openmls-ts/source"],
    bundle: true,
    platform: "node",
    format,
    outfile: bundle,
    logLevel: "error",
  });
  if (withDriver) {
    const driver = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
    mkdirSync(join(place, "node_modules"));
    symlinkSync(realpathSync(driver), join(place, "node_modules", "better-sqlite3"), "junction");
  }
  const { stdout } = await promisify(execFile)(process.execPath, [bundle, join(place, "store.db")], {
    cwd: place,
    // What runs the tests may point Node.js to packages elsewhere.
    env: { ...process.env, NODE_PATH: "" },
  });
  return stdout.trim();
}

describe.each(["cjs", "esm"] as const)("a script bundled as %s", (format) => {
  it("opens a database by path, with better-sqlite3 beside it", async () => {
    await expect(runBundle(format, "with", true)).resolves.toBe("read 42");
  });

  it("says what is missing without better-sqlite3 beside it", async () => {
    await expect(runBundle(format, "without", false)).resolves.toMatch(
      /^ERR_MLS_UNSUPPORTED_RUNTIME better-sqlite3 cannot be loaded .* Install it where the bundle runs/,
    );
  });
});

describe("a bundle of another driver's entry", () => {
  /** The code of an entry and all it needs, and what it leaves to be imported. */
  async function bundleOf(entry: string): Promise<{ readonly code: string; readonly imports: string[] }> {
    const { outputFiles, metafile } = await build({
      entryPoints: [fileURLToPath(new URL(`${entry}.ts`, import.meta.url))],
      conditions: ["@openmls-ts/source"],
      bundle: true,
      write: false,
      metafile: true,
      // Nothing of Node.js is known: what is imported has to be named.
      platform: "neutral",
      external: ["node:*"],
      logLevel: "error",
    });
    const imports = Object.values(metafile.outputs).flatMap((output) =>
      output.imports.map(({ path }) => path),
    );
    return { code: outputFiles.map(({ text }) => text).join(""), imports: [...new Set(imports)] };
  }

  it.each([
    ["node", ["node:fs", "node:path"]],
    ["bun", ["node:fs", "node:path"]],
    ["expo", []],
    ["driver", []],
  ])("%s has no better-sqlite3 in it and imports %j", async (entry, wanted) => {
    const { code, imports } = await bundleOf(entry);
    expect(code).not.toContain("better-sqlite3");
    expect(imports).toEqual(wanted);
  });
});
