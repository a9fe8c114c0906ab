import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `MLS_TEST_VECTORS`, or `shared/test-vectors` beside the repository. */
const FOLDER =
  process.env["MLS_TEST_VECTORS"] ??
  fileURLToPath(new URL("../../../../../shared/test-vectors", import.meta.url));

/**
 * A vector file, parsed; `undefined`, with a warning on the console, where the vectors are not installed. Under CI
 * that is an error: a green run must mean that they were run.
 */
export function readVectors(path: string): unknown {
  const file = `${FOLDER}/${path}`;
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  }
  if (process.env["CI"] !== undefined) {
    throw new Error(`test vectors missing: ${file}`);
  }
  // Past the test runner's capture, so that nobody overlooks it.
  process.stderr.write(`\n*** NOT TESTED: test vectors missing: ${file} ***\n\n`);
  return undefined;
}
