import {
  checked,
  type Codec,
  decode,
  dependent,
  empty,
  encode,
  malformed,
  opaque,
  struct,
  uint8,
} from "../codec/index.ts";
import { type LeafNode, leafNode, parentNode, type ParentNode } from "../wire/index.ts";
import { isLeaf } from "./tree-math.ts";

/** One node as it is stored: what stands there, and the tree hash of the subtree below. */
export interface TreeEntry {
  readonly node: LeafNode | ParentNode | undefined;
  readonly hash: Uint8Array | undefined;
}

// A storage form, not part of the protocol:
//   struct {
//     uint8 flags;                   /* 1: occupied, 2: the hash is known */
//     select (flags & 1) { case 1: LeafNode or ParentNode, by the parity of the node index; };
//     select (flags & 2) { case 2: opaque hash<V>; };
//   } TreeEntry;
const OCCUPIED = 1;
const HASHED = 2;

type Body = TreeEntry & { readonly flags: number };

const flags: Codec<{ readonly flags: number }> = checked(
  struct<{ readonly flags: number }>({ flags: uint8 }),
  (value) => {
    if (value.flags > OCCUPIED + HASHED) {
      throw malformed(`tree entry with flags ${value.flags}`);
    }
  },
);
const nothing = empty as Codec<Partial<TreeEntry>>;
const withHash = struct<{ readonly hash: Uint8Array }>({ hash: opaque }) as Codec<Partial<TreeEntry>>;
const withLeaf = struct<{ readonly node: LeafNode }>({ node: leafNode }) as Codec<Partial<TreeEntry>>;
const withParent = struct<{ readonly node: ParentNode }>({ node: parentNode }) as Codec<Partial<TreeEntry>>;

function bodyCodec(occupied: Codec<Partial<TreeEntry>>): Codec<Body> {
  return dependent(
    dependent(flags, (head) => ((head.flags & OCCUPIED) === 0 ? nothing : occupied)),
    (head) => ((head.flags & HASHED) === 0 ? nothing : withHash),
  ) as Codec<Body>;
}

function entryCodec(body: Codec<Body>): Codec<TreeEntry> {
  const flagged = ({ node, hash }: TreeEntry): Body => ({
    flags: (node === undefined ? 0 : OCCUPIED) + (hash === undefined ? 0 : HASHED),
    node,
    hash,
  });
  return {
    size: (value) => body.size(flagged(value)),
    write: (writer, value) => body.write(writer, flagged(value)),
    read: (reader) => {
      const { node, hash }: Partial<TreeEntry> = body.read(reader);
      return { node, hash };
    },
  };
}

const leafEntry: Codec<TreeEntry> = entryCodec(bodyCodec(withLeaf));
const parentEntry: Codec<TreeEntry> = entryCodec(bodyCodec(withParent));

/** The storage form of the entry at a node index. */
export function treeEntry(nodeIndex: number): Codec<TreeEntry> {
  return isLeaf(nodeIndex) ? leafEntry : parentEntry;
}

/** @throws MlsError `ERR_MLS_ENCODE` */
export function encodeTreeEntry(nodeIndex: number, entry: TreeEntry): Uint8Array {
  return encode(treeEntry(nodeIndex), entry);
}

/** @param start where the entry begins @throws MlsError `ERR_MLS_DECODE` */
export function decodeTreeEntry(nodeIndex: number, bytes: Uint8Array, start = 0): TreeEntry {
  return decode(treeEntry(nodeIndex), bytes, undefined, start);
}
