import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const FOLDER =
  process.env["MLS_TEST_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/test-vectors");

/** The cases of a file, or `undefined`, with a warning, where the vectors are missing and need not be there. */
export function readVectors(file: string): readonly unknown[] | undefined {
  const path = join(FOLDER, file);
  if (existsSync(path)) {
    return JSON.parse(readFileSync(path, "utf8")) as readonly unknown[];
  }
  if (process.env["CI"] !== undefined && process.env["CI"] !== "") {
    throw new Error(`test vectors are missing: ${path}`);
  }
  process.stderr.write(
    `\n*** TEST VECTORS ARE MISSING, ${file} IS NOT TESTED (set MLS_TEST_VECTORS) ***\n\n`,
  );
  return undefined;
}

/** For each file one test that runs every n-th of its cases. `check` names the type that they have. */
export function itPasses(files: readonly string[], check: (vector: never) => Promise<void>, every = 1): void {
  it.each(files)("passes %s", async (file) => {
    const vectors = readVectors(file);
    expect(vectors?.length).not.toBe(0);
    for (const [i, vector] of (vectors ?? []).entries()) {
      if (i % every === 0) {
        await check(vector as never);
      }
    }
  });
}
