import { expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

it("the code blocks of the guide are one program, and it does what the guide says", () => {
  const { stdout, stderr } = run(blocksOf("guide.md").join("\n"));
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "suites: 1 2 3 4 5 6 7",
    "3 key packages left",
    "commit for the queue: true, epoch 0",
    "epoch 1, 3 members",
    "Bob is invited to a group of 3",
    "Charlie is invited to a group of 3",
    "from leaf 0, tree: true, PSKs: 0",
    "true",
    "declined, gone",
    "2 Welcomes",
    "ERR_MLS_ABORTED",
    "“Hello” “Hello”",
    "for Alice's group: true, epoch 1",
    "past epochs at Bob's: 0",
    "a commit to epoch 2 a commit to epoch 2",
    "a commit to epoch 3 a commit to epoch 3 false",
    "one new leaf: true, I stay: true",
    "true",
    "a proposal",
    "a commit to epoch 5",
    "1 added, left out: valn0302",
    "1 queued, 1 cleared",
    "a commit to epoch 6 a commit to epoch 6",
    "Charlie is back in epoch 6",
    "3 members before I join",
    "true",
    "true",
    "a commit to epoch 2 32",
    "3 members, epoch 6, active",
    "“I was gone for a moment”",
    "“from one that is not”",
    "for the inbox",
    "ERR_MLS_SECRET_CONSUMED",
    "ERR_MLS_POLICY",
    "ERR_MLS_LIMIT",
    "load: ok",
    "mergePendingCommit: ERR_MLS_NO_PENDING_COMMIT",
    "forked",
    "Bob",
    "same",
  ]);
});
