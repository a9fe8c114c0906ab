import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the code blocks of the guide are one program, and it does what the guide says", () => {
  const guide = readFileSync(new URL("../../../docs/guide.md", import.meta.url), "utf8");
  const program = Array.from(guide.matchAll(/^```ts\n([^]*?)^```$/gm), ([, block]) => block).join("\n");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "suites: 1 2 3 4 5 6 7",
    "commit for the queue: true, epoch 0",
    "epoch 1, 3 members",
    "Bob is invited to a group of 3",
    "Charlie is invited to a group of 3",
    "“Hello” “Hello”",
    "a commit to epoch 2 a commit to epoch 2",
    "a commit to epoch 3 a commit to epoch 3 false",
    "a proposal",
    "a commit to epoch 4",
    "a commit to epoch 5 a commit to epoch 5",
    "Charlie is back in epoch 5",
    "true",
    "true",
    "“I was gone for a moment”",
    "“from one that is not”",
    "ERR_MLS_SECRET_CONSUMED",
    "ERR_MLS_LIMIT",
  ]);
});
