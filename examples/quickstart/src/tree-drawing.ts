import { bytesToHex } from "@openmls-ts/traits";
import type { TreeNode } from "./ratchet-tree-view.ts";

/** A cell of the drawing: a text and where its middle stands. */
interface Cell {
  readonly middle: number;
  readonly text: string;
}

const BLANK = "·";
const LEAF_WIDTH = 12;

/**
 * Draws a ratchet tree (RFC 9420 §7): each node by the last two bytes of its public key, a star where the key is new.
 * @param nodes as in the array of RFC 9420 Appendix C, blank ones `undefined`
 * @param names by leaf index
 * @param before the nodes of an earlier drawing
 */
export function drawTree(
  nodes: readonly (TreeNode | undefined)[],
  names: ReadonlyMap<number, string>,
  before: readonly (TreeNode | undefined)[] = [],
): string[] {
  const known = new Set(before.map(fingerprint));
  const label = (index: number): string => {
    const print = fingerprint(nodes[index]);
    return print === BLANK || known.has(print) ? print : `${print}*`;
  };
  const lines: string[] = [];
  for (let level = Math.log2(nodes.length + 1) - 1; level >= 0; level--) {
    const spread = 2 ** level; // between a node and its children or, at the leaves, half of a leaf's width
    const row: Cell[] = [];
    for (let index = spread - 1; index < nodes.length; index += 2 * spread) {
      row.push({ middle: middleOf(index), text: label(index) });
    }
    lines.push(placed(row));
    if (level > 0) {
      lines.push(branches(row, (spread / 2) * (LEAF_WIDTH / 2)));
    }
  }
  const leaves = Array.from({ length: (nodes.length + 1) / 2 }, (_, leaf) => leaf);
  lines.push(placed(leaves.map((leaf) => ({ middle: middleOf(2 * leaf), text: names.get(leaf) ?? "" }))));
  return lines;
}

function fingerprint(node: TreeNode | undefined): string {
  return node === undefined ? BLANK : bytesToHex(node.encryptionKey.slice(-2));
}

function middleOf(nodeIndex: number): number {
  return (nodeIndex + 1) * (LEAF_WIDTH / 2);
}

/** Writes texts around their middles. */
function placed(cells: readonly Cell[]): string {
  let line = "";
  for (const { middle, text } of cells) {
    line = line.padEnd(middle - Math.floor(text.replace("*", "").length / 2)) + text;
  }
  return line.trimEnd();
}

/** The lines from parents down to their children, `reach` columns to either side. */
function branches(parents: readonly Cell[], reach: number): string {
  const half = "─".repeat(reach - 1);
  return parents.reduce((line, { middle }) => `${line.padEnd(middle - reach)}┌${half}┴${half}┐`, "");
}
