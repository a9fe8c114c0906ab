import type { CipherSuite } from "@openmls-ts/traits";
import { type Codec, encode, opaque, optional, struct, uint32, uint8 } from "../codec/index.ts";
import { NodeType } from "../registry.ts";
import { type LeafNode, leafNode, parentNode, type ParentNode } from "../wire/index.ts";

interface LeafHashInput {
  readonly nodeType: number;
  readonly leafIndex: number;
  readonly leafNode: LeafNode | undefined;
}

//   struct {
//     NodeType node_type;                            /* leaf */
//     uint32 leaf_index;
//     optional<LeafNode> leaf_node;
//   } TreeHashInput;
const leafHashInput: Codec<LeafHashInput> = struct<LeafHashInput>({
  nodeType: uint8,
  leafIndex: uint32,
  leafNode: optional(leafNode),
});

interface ParentHashInput {
  readonly nodeType: number;
  readonly parentNode: ParentNode | undefined;
  readonly leftHash: Uint8Array;
  readonly rightHash: Uint8Array;
}

//   struct {
//     NodeType node_type;                            /* parent */
//     optional<ParentNode> parent_node;
//     opaque left_hash<V>;
//     opaque right_hash<V>;
//   } TreeHashInput;
const parentHashInput: Codec<ParentHashInput> = struct<ParentHashInput>({
  nodeType: uint8,
  parentNode: optional(parentNode),
  leftHash: opaque,
  rightHash: opaque,
});

/** Tree hash of a leaf, which may be blank (RFC 9420 §7.8); Nh bytes. */
export function leafTreeHash(suite: CipherSuite, leafIndex: number, leaf: LeafNode | undefined): Uint8Array {
  return suite.hash(encode(leafHashInput, { nodeType: NodeType.leaf, leafIndex, leafNode: leaf }));
}

/** Tree hash of a parent, which may be blank, over those of its children (RFC 9420 §7.8); Nh bytes. */
export function parentTreeHash(
  suite: CipherSuite,
  node: ParentNode | undefined,
  leftHash: Uint8Array,
  rightHash: Uint8Array,
): Uint8Array {
  return suite.hash(
    encode(parentHashInput, { nodeType: NodeType.parent, parentNode: node, leftHash, rightHash }),
  );
}
