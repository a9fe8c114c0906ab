import { describe, expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

/** What the program of a page prints, line by line. */
const printed: Readonly<Record<string, readonly string[]>> = {
  "custom-proposals.md": [
    "lunch (leaf 0, by value)",
    "dinner (leaf 1, by reference)",
    "standup at ten (outside, by reference)",
    "ERR_MLS_VALIDATION valn0311",
  ],
  "custom-extensions.md": [
    "for the first group / Bob's tablet",
    "kitchen",
    "Bob's tablet",
    "kitchen → garden",
    "garden / Bob's phone",
    "ERR_MLS_VALIDATION label-length",
    "ERR_MLS_VALIDATION rfc115",
  ],
  "custom-credentials.md": [
    "Alice, Bob",
    "Bob: add, Alice: join, Bob: join",
    "true",
    "ERR_MLS_CREDENTIAL_REJECTED a token that the service did not issue",
  ],
};

describe.each(Object.entries(printed))("docs/%s", (page, lines) => {
  it("is one program, and it does what the page says", () => {
    const { stdout, stderr } = run(blocksOf(page).join("\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual(lines);
  });
});
