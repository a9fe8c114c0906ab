import {
  checked,
  closedEnum,
  type Codec,
  malformed,
  select,
  struct,
  uint32s,
  uint8,
} from "../codec/index.ts";
import { NodeType } from "../registry.ts";
import { leafNode, type LeafNode } from "./leaf-node.ts";
import { digestBytes, publicKeyBytes } from "./sizes.ts";

/** A node above the leaves that holds a key (RFC 9420 §7.1). Immutable. */
export interface ParentNode {
  /** HPKE public key. */
  readonly encryptionKey: Uint8Array;
  /** Hash of the next non-blank node above, empty at the root. */
  readonly parentHash: Uint8Array;
  /** Leaf indices of the leaves below that do not know the private key; strictly increasing. */
  readonly unmergedLeaves: readonly number[];
}

//   struct {
//       HPKEPublicKey encryption_key;
//       opaque parent_hash<V>;
//       uint32 unmerged_leaves<V>;
//   } ParentNode;
export const parentNode: Codec<ParentNode> = checked(
  struct<ParentNode>({ encryptionKey: publicKeyBytes, parentHash: digestBytes, unmergedLeaves: uint32s }),
  ({ unmergedLeaves }) => {
    // RFC 9420 §7.1
    if (unmergedLeaves.some((leaf, i) => i > 0 && leaf <= (unmergedLeaves[i - 1] ?? 0))) {
      throw malformed("unmerged_leaves is not strictly increasing", "rfc36");
    }
  },
);

/** A node as the ratchet_tree extension holds it (RFC 9420 §12.4.3.3). */
export type Node =
  | { readonly nodeType: typeof NodeType.leaf; readonly leafNode: LeafNode }
  | { readonly nodeType: typeof NodeType.parent; readonly parentNode: ParentNode };

//   struct {
//       NodeType node_type;
//       select (Node.node_type) {
//           case leaf:   LeafNode leaf_node;
//           case parent: ParentNode parent_node;
//       };
//   } Node;
export const node: Codec<Node> = select<Node, "nodeType">(
  "nodeType",
  closedEnum("NodeType", uint8, NodeType),
  {
    [NodeType.leaf]: struct<{ readonly leafNode: LeafNode }>({ leafNode }),
    [NodeType.parent]: struct<{ readonly parentNode: ParentNode }>({ parentNode }),
  },
);
