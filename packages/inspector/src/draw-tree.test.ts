import { bytesToHex } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { drawTree, type DrawOptions } from "./index.ts";
import { someMessages } from "./testing/messages.ts";

let tree = new Uint8Array();
beforeAll(async () => {
  tree = new Uint8Array((await someMessages())["tree"]!);
});

describe("drawTree", () => {
  it("names who can decrypt to each node: not the unmerged, and nobody where it is blank", () => {
    const svg = drawTree(tree);
    const titles = Array.from(svg.matchAll(/<title>([^<]*)<\/title>/g), ([, title]) => title);
    expect(titles).toEqual([
      "Ratchet tree of 4 members",
      "leaf 0: &quot;alice&quot; can decrypt",
      "node 1: blank",
      "leaf 1: &quot;erin &amp; co&quot; can decrypt",
      "node 3: &quot;alice&quot;, &quot;carol&quot;, &quot;dave&quot; can decrypt",
      "leaf 2: &quot;carol&quot; can decrypt",
      "node 5: &quot;carol&quot;, &quot;dave&quot; can decrypt",
      "leaf 3: &quot;dave&quot; can decrypt",
    ]);
    expect(svg).toContain("−1"); // erin joined without a key of the root
    expect(svg.match(/stroke-dasharray="2 4"/g)).toHaveLength(3); // alice, carol and node 5 carry parent hashes
  });

  it("marks a path, takes names and text, and escapes both", () => {
    const svg = drawTree(bytesToHex(tree), { highlight: 2, names: { 0: "<b>" }, title: "a & b" });
    expect(svg).toContain("&lt;b&gt;");
    expect(svg).toContain('aria-label="a &amp; b"');
    expect(svg.match(/stroke-width="3"/g)).toHaveLength(2);
    expect(svg).not.toContain("<b>");
  });

  it("refuses what is no tree", () => {
    for (const [input, options, code] of [
      [Uint8Array.of(1, 2), {}, "ERR_MLS_DECODE"],
      [tree, { colour: "red" }, "ERR_MLS_USAGE"],
      [7, {}, "ERR_MLS_USAGE"],
    ] as const) {
      const drawing = (): string =>
        drawTree(input as Uint8Array, Object.assign(new Map(), options) as DrawOptions);
      expect(code === "ERR_MLS_USAGE" ? drawing : () => drawTree(input as Uint8Array)).toThrow(
        expect.objectContaining({ code }) as Error,
      );
    }
  });
});
