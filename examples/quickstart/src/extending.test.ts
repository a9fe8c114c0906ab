import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/extending.md", import.meta.url), "utf8");
const blocks = Array.from(page.matchAll(/^```ts\n([^]*?)^```$/gm), ([, block]) => block ?? "");

describe("docs/extending.md", () => {
  it("is one program, and it does what the page says", () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@openmls-ts/source", "--input-type=module-typescript", "--eval", blocks.join("\n")],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
    );
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
