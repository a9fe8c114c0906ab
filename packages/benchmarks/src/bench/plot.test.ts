import { describe, expect, it } from "vitest";
import { plot } from "./plot.ts";

describe("plot", () => {
  it("puts values on axes of powers of ten and escapes names", () => {
    const svg = plot("join", "ms", [
      {
        name: "a<b",
        points: [
          [10, 1],
          [1000, 100],
        ],
      },
    ]);
    expect(svg).toContain("a&lt;b");
    const [, points] = /polyline points="([^"]*)"/.exec(svg)!;
    expect(points).toBe("64,316 450,36"); // from corner to corner: 10 to 1000 members, 1 to 100 ms
  });
});
