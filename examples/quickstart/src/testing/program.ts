import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The blocks of TypeScript in a page of docs/. */
export function blocksOf(page: string): string[] {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");
  return Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), ([, block]) => block ?? "");
}

/** Runs a program from a text as if it were a file of this package. @param env beside that of this process */
export function run(
  program: string,
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(
    process.execPath,
    ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", program],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8",
      env: { ...process.env, ...env },
    },
  );
}
