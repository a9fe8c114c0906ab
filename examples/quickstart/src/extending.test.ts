import { describe, expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

const blocks = blocksOf("extending.md");

describe("docs/extending.md", () => {
  it("is one program, and it does what the page says", () => {
    const { stdout, stderr } = run(blocks.join("\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual([
      "poll-option",
      "vote [ 1 ]",
      "0:0 1:1",
      "0:0 1:1",
      "trap44",
    ]);
  });

  it("builds its feature in less than 80 lines", () => {
    const [feature] = blocks.filter((block) => block.includes("const poll: Feature"));
    const imported = feature?.lastIndexOf("\n} from ") ?? 0;
    const lines =
      feature
        ?.slice(imported)
        .split("\n")
        .filter((line) => line.trim() !== "") ?? [];
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.length).toBeLessThan(80);
  });
});
