import { expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

it("the code blocks of the guide are one program, and it does what the guide says", () => {
  const { stdout, stderr } = run(blocksOf("guide.md").join("\n"));
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "suites: 1 2 3 4 5 6 7",
    "commit for the queue: true, epoch 0",
    "epoch 1, 3 members",
    "Bob is invited to a group of 3",
    "Charlie is invited to a group of 3",
    "“Hello” “Hello”",
    "for Alice's group: true, epoch 1",
    "a commit to epoch 2 a commit to epoch 2",
    "a commit to epoch 3 a commit to epoch 3 false",
    "a proposal",
    "a commit to epoch 4",
    "1 added, left out: valn0302",
    "a commit to epoch 5 a commit to epoch 5",
    "Charlie is back in epoch 5",
    "true",
    "true",
    "3 members, epoch 5, active",
    "“I was gone for a moment”",
    "“from one that is not”",
    "for the inbox",
    "ERR_MLS_SECRET_CONSUMED",
    "ERR_MLS_POLICY",
    "ERR_MLS_LIMIT",
  ]);
});
