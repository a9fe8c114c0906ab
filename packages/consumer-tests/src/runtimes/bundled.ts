import { join } from "node:path";
import { build } from "esbuild";

/** A scene bundled as an application would be. @returns the script */
export async function bundle(folder: string, entry: string, format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    format,
    target: "es2022",
    platform: "browser",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
