import { type Codec, decode, encode, opaque, struct, uint16, uint32, vector } from "@openmls-ts/mls-core";
import { type CipherSuite, utf8, wipe } from "@openmls-ts/traits";

/** A secret of a tree that has a leaf for each component: node 1 is the root, below n are 2n and 2n + 1. */
interface TreeNode {
  readonly node: number;
  readonly secret: Uint8Array;
}

const record: Codec<readonly TreeNode[]> = vector(struct<TreeNode>({ node: uint32, secret: opaque }));
const FIRST_LEAF = 0x1_0000;

interface KdfLabel {
  readonly length: number;
  readonly label: Uint8Array;
  readonly context: Uint8Array;
}

//   struct {
//       uint16 length;
//       opaque label<V>;
//       opaque context<V>;
//   } KDFLabel;
const kdfLabel = struct<KdfLabel>({ length: uint16, label: opaque, context: opaque });

/** The tree of an epoch that begins, as a record: its root alone. */
export function startTree(secret: Uint8Array): Uint8Array {
  return encode(record, [{ node: 1, secret }]);
}

/** A component's secret with the tree that is left. */
export interface Export {
  /** Nh bytes. */
  readonly secret: Uint8Array;
  readonly left: Uint8Array;
}

/**
 * Takes a component's secret out of a tree: it and everything above it are gone from what is left, the siblings on the way
 * stay (RFC 9420 §9.2). Wipes the tree that was given.
 * @returns `undefined` when the secret was taken before
 */
export function takeLeaf(suite: CipherSuite, tree: Uint8Array, componentId: number): Export | undefined {
  const nodes = new Map(decode(record, tree).map(({ node, secret }) => [node, secret]));
  wipe(tree);
  const leaf = FIRST_LEAF + componentId;
  let node = leaf;
  while (node > 0 && !nodes.has(node)) {
    node = Math.floor(node / 2);
  }
  let secret = nodes.get(node);
  if (secret === undefined) {
    wipe(...nodes.values());
    return undefined;
  }
  nodes.delete(node);
  for (let height = heightOf(node) - 1; node < leaf; height--) {
    const next = Math.floor(leaf / 2 ** height);
    const isLeft = next % 2 === 0;
    nodes.set(isLeft ? next + 1 : next - 1, child(suite, secret, isLeft ? "right" : "left"));
    const below = child(suite, secret, isLeft ? "left" : "right");
    wipe(secret);
    [node, secret] = [next, below];
  }
  const left = encode(
    record,
    [...nodes].map(([at, value]) => ({ node: at, secret: value })),
  );
  wipe(...nodes.values());
  return { secret, left };
}

/** How far above the leaves a node is. */
function heightOf(node: number): number {
  let height = 0;
  for (let at = node; at < FIRST_LEAF; at *= 2) height++;
  return height;
}

// As in the secret tree: ExpandWithLabel(node, "tree", "left" or "right", Nh) (RFC 9420 §9)
function child(suite: CipherSuite, secret: Uint8Array, side: "left" | "right"): Uint8Array {
  const length = suite.params.kdf.hashLength;
  const info = encode(kdfLabel, { length, label: utf8("MLS 1.0 tree"), context: utf8(side) });
  return suite.hkdfExpand(secret, info, length);
}
