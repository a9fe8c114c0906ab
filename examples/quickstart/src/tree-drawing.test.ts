import { describe, expect, it } from "vitest";
import { drawTree } from "./tree-drawing.ts";

const node = (key: number): { encryptionKey: Uint8Array } => ({ encryptionKey: Uint8Array.of(4, key, key) });

describe("the drawing of a tree", () => {
  it("shows nodes, blanks and what is new", () => {
    const before = [node(1), node(2), node(3)];
    const after = [node(1), node(0x22), node(3), node(0x44), node(5), undefined, undefined];
    const names = new Map([
      [0, "Alice"],
      [1, "Bob"],
      [2, "Charlie"],
    ]);
    expect(drawTree(after, names, before)).toEqual([
      "                      4444*",
      "            ┌───────────┴───────────┐",
      "          2222*                     ·",
      "      ┌─────┴─────┐           ┌─────┴─────┐",
      "    0101        0303        0505*         ·",
      "    Alice        Bob       Charlie",
    ]);
  });

  it("shows a group of one", () => {
    expect(drawTree([node(7)], new Map([[0, "Alice"]]))).toEqual(["    0707*", "    Alice"]);
  });
});
