import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the README's program shows a PrivateMessage", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, program = ""] = /^```ts\n([^]*?)^```$/m.exec(readme) ?? [];
  const { stdout } = spawnSync(
    process.execPath,
    ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  expect(stdout).toMatch(/group_id: opaque<V> "group"/);
  expect(stdout).toMatch(/epoch: uint64 7/);
  expect(stdout).not.toMatch(/breaks off/);
});
