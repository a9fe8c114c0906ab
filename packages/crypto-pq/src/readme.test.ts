import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { PQ_SUITE_NAMES } from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("the README's program does what it says", () => {
  const [, program = ""] = /^```ts\n([^]*?)^```$/m.exec(readme) ?? [];
  const { stdout } = spawnSync(
    process.execPath,
    ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  expect(stdout).toBe("MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519 1216\n");
});

it("the README lists every suite", () => {
  for (const name of PQ_SUITE_NAMES) {
    expect(readme).toContain(`\`${name}\``);
  }
});
