import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("the README's program does what it says", () => {
  const blocks = Array.from(readme.matchAll(/^```ts\n([^]*?)^```$/gm), ([, block]) => block ?? "");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", blocks.join("\n")],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("no key: ERR_MLS_DECRYPTION\nolder: rolled-back\n");
});
