import { optionsArgument } from "@openmls-ts/traits";
import { type DrawnNode, nodesOf } from "./tree-nodes.ts";

/** Choices of {@link drawTree}. */
export interface DrawOptions {
  /** Names in the place of identities, by leaf index. */
  readonly names?: Readonly<Record<number, string>>;
  /** A leaf whose path to the root is marked: the keys that its member has. */
  readonly highlight?: number;
  /** Read by those who do not see the picture. Default: `Ratchet tree of N members`. */
  readonly title?: string;
}

const STEP = 84;
const LEVEL = 72;
const MARGIN = 48;
const NAME = 12;

/**
 * Draws a ratchet tree (RFC 9420 §4.1) as an SVG document: blank nodes as dashes, unmerged leaves beside the parents that have no key for
 * them, and dotted links from each node to the parent whose hash it carries. Each node says in its title who can decrypt to it.
 * @param tree the encoded ratchet_tree, as `group.exportRatchetTree()` gives it, or its text in hexadecimal or base64
 * @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_USAGE`
 */
export function drawTree(tree: Uint8Array | string, options?: DrawOptions): string {
  const given = optionsArgument<DrawOptions>("options", options, ["names", "highlight", "title"]);
  const nodes = nodesOf(tree);
  const members = nodes.filter(({ index, blank }) => index % 2 === 0 && !blank).length;
  const title = given.title ?? `Ratchet tree of ${members} ${members === 1 ? "member" : "members"}`;
  const height = levelOf(Math.floor(nodes.length / 2));
  const width = ((nodes.length + 1) / 2) * STEP + MARGIN;
  const total = height * LEVEL + 2 * MARGIN + 2 * NAME;
  const place = (index: number): readonly [x: number, y: number] => [
    (index / 2) * STEP + MARGIN + STEP / 4,
    (height - levelOf(index)) * LEVEL + MARGIN,
  ];
  const marked = new Set(given.highlight === undefined ? [] : pathOf(2 * given.highlight, nodes.length));
  const lines: string[] = [];
  const shapes: string[] = [];
  for (const node of nodes) {
    const [x, y] = place(node.index);
    for (const child of childrenOf(node.index)) {
      const [cx, cy] = place(child);
      const on = marked.has(node.index) && marked.has(child);
      lines.push(
        `<path d="M${x} ${y}L${cx} ${cy}" stroke="${on ? "#b3471b" : "#999"}" stroke-width="${on ? 3 : 1}" fill="none"/>`,
      );
    }
    shapes.push(shape(node, nodes, x, y, marked.has(node.index), given.names?.[node.index / 2]));
  }
  for (const [from, to] of hashLinks(nodes)) {
    const [[x, y], [tx, ty]] = [place(from), place(to)];
    lines.push(
      `<path d="M${x} ${y}Q${(x + tx) / 2 + 22} ${(y + ty) / 2} ${tx} ${ty}" stroke="#1b5e9e" stroke-dasharray="2 4" fill="none"/>`,
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" role="img" aria-label="${escape(title)}" font-family="sans-serif" font-size="${NAME}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${total}" fill="#fff"/>`,
    ...lines,
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}

function shape(
  node: DrawnNode,
  nodes: readonly DrawnNode[],
  x: number,
  y: number,
  marked: boolean,
  name: string | undefined,
): string {
  const { index, blank, unmerged } = node;
  const readers = blank ? [] : readersOf(node, nodes);
  const who = readers.length === 0 ? "nobody" : readers.join(", ");
  const about = `${placeOf(index)}: ${blank ? "blank" : `${who} can decrypt`}`;
  const stroke = marked ? "#b3471b" : "#333";
  const body = blank
    ? `<path d="M${x - 10} ${y}h20" stroke="#999" stroke-width="2" stroke-dasharray="4 3"/>`
    : index % 2 === 0
      ? `<rect x="${x - 16}" y="${y - 12}" width="32" height="24" rx="5" fill="#eef4fa" stroke="${stroke}"/>`
      : `<circle cx="${x}" cy="${y}" r="13" fill="#fff8ec" stroke="${stroke}"/>`;
  const texts = [text(x, y + 4, String(index % 2 === 0 ? index / 2 : index))];
  if (index % 2 === 0 && !blank) texts.push(text(x, y + 28, short(name ?? node.label)));
  if (unmerged.length > 0) texts.push(text(x + 18, y - 12, `−${unmerged.join(" −")}`, "start"));
  return `<g><title>${escape(about)}</title>${body}${blank ? "" : texts.join("")}</g>`;
}

function text(x: number, y: number, content: string, anchor = "middle"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function placeOf(index: number): string {
  return index % 2 === 0 ? `leaf ${index / 2}` : `node ${index}`;
}

function short(name: string): string {
  const bare = name.replace(/^"(.*)"$/, "$1");
  return bare.length > 11 ? `${bare.slice(0, 10)}…` : bare;
}

/** Who has the private key of a node: the members below it that are not unmerged (RFC 9420 §4.1.1). */
function readersOf(node: DrawnNode, nodes: readonly DrawnNode[]): string[] {
  const span = 2 ** levelOf(node.index);
  const readers: string[] = [];
  for (let leaf = node.index - span + 1; leaf < node.index + span; leaf += 2) {
    const at = nodes[leaf];
    if (at !== undefined && !at.blank && !node.unmerged.includes(leaf / 2)) readers.push(at.label);
  }
  return readers;
}

/** A node with a parent hash carries that of its nearest ancestor that is not blank (RFC 9420 §7.9). */
function* hashLinks(nodes: readonly DrawnNode[]): Generator<readonly [from: number, to: number]> {
  for (const { index, blank, parentHash } of nodes) {
    if (blank || parentHash === undefined) continue;
    const above = pathOf(index, nodes.length).slice(1);
    const to = above.find((ancestor) => nodes[ancestor]?.blank === false);
    if (to !== undefined) yield [index, to];
  }
}

/** Levels above the leaves (RFC 9420, appendix C). */
function levelOf(index: number): number {
  let level = 0;
  for (let rest = index; rest % 2 === 1; rest = (rest - 1) / 2) level++;
  return level;
}

function childrenOf(index: number): readonly number[] {
  const level = levelOf(index);
  return level === 0 ? [] : [index - 2 ** (level - 1), index + 2 ** (level - 1)];
}

/** A node and all above it, upwards. */
function pathOf(index: number, width: number): number[] {
  const path = [index];
  const root = (width - 1) / 2;
  for (let at = index; at !== root && path.length < 33;) {
    const level = levelOf(at);
    const size = 2 ** (level + 1);
    const up = Math.floor(at / size) % 2 === 0 ? at + 2 ** level : at - 2 ** level;
    if (up < 0 || up >= width) break;
    path.push(up);
    at = up;
  }
  return path;
}

function escape(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
