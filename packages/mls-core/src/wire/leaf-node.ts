import {
  closedEnum,
  type Codec,
  dependent,
  empty,
  select,
  struct,
  uint32,
  uint8,
  type Variants,
} from "../codec/index.ts";
import { capabilities, type Capabilities, type Lifetime, lifetimeCodec } from "./capabilities.ts";
import { credential, type Credential } from "./credential.ts";
import { type Extension, extensions } from "./extension.ts";
import { LeafNodeSource } from "../registry.ts";
import { digestBytes, idBytes, publicKeyBytes, signatureBytes } from "./sizes.ts";

/** What every leaf begins with. */
export interface LeafNodeHead {
  /** HPKE public key. */
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  readonly capabilities: Capabilities;
}

/** How a leaf came into the tree, with what belongs to each case (RFC 9420 §7.2). */
export type LeafNodeOrigin =
  | { readonly leafNodeSource: typeof LeafNodeSource.keyPackage; readonly lifetime: Lifetime }
  | { readonly leafNodeSource: typeof LeafNodeSource.update }
  | { readonly leafNodeSource: typeof LeafNodeSource.commit; readonly parentHash: Uint8Array };

/** What every leaf ends with before its signature. */
export interface LeafNodeTail {
  readonly extensions: readonly Extension[];
}

/** A leaf before it is signed. */
export type UnsignedLeafNode = LeafNodeHead & LeafNodeOrigin & LeafNodeTail;

/** One member's place in the tree (RFC 9420 §7.2). Immutable: a change makes a new leaf with a new signature. */
export type LeafNode = UnsignedLeafNode & { readonly signature: Uint8Array };

//   struct {
//       HPKEPublicKey encryption_key;
//       SignaturePublicKey signature_key;
//       Credential credential;
//       Capabilities capabilities;
//       LeafNodeSource leaf_node_source;
//       select (LeafNode.leaf_node_source) {
//           case key_package: Lifetime lifetime;
//           case update:      struct{};
//           case commit:      opaque parent_hash<V>;
//       };
//       Extension extensions<V>;
//       /* SignWithLabel(., "LeafNodeTBS", LeafNodeTBS) */
//       opaque signature<V>;
//   } LeafNode;
const head: Codec<LeafNodeHead> = struct<LeafNodeHead>({
  encryptionKey: publicKeyBytes,
  signatureKey: publicKeyBytes,
  credential,
  capabilities,
});

const originVariants: Variants<LeafNodeOrigin, "leafNodeSource"> = {
  [LeafNodeSource.keyPackage]: struct<{ readonly lifetime: Lifetime }>({ lifetime: lifetimeCodec }),
  [LeafNodeSource.update]: empty,
  [LeafNodeSource.commit]: struct<{ readonly parentHash: Uint8Array }>({ parentHash: digestBytes }),
};

const origin: Codec<LeafNodeOrigin> = select<LeafNodeOrigin, "leafNodeSource">(
  "leafNodeSource",
  closedEnum("LeafNodeSource", uint8, LeafNodeSource),
  originVariants,
);

const tail: Codec<LeafNodeTail> = struct<LeafNodeTail>({ extensions });

const unsigned: Codec<UnsignedLeafNode> = dependent(
  dependent(head, () => origin),
  () => tail,
);

const signed: Codec<{ readonly signature: Uint8Array }> = struct<{ readonly signature: Uint8Array }>({
  signature: signatureBytes,
});

/** RFC 9420 §7.2 */
export const leafNode: Codec<LeafNode> = dependent(unsigned, () => signed);

/** Where a leaf stands: signed with it, except in a KeyPackage. */
export interface LeafNodePosition {
  readonly groupId: Uint8Array;
  readonly leafIndex: number;
}

//   LeafNodeTBS: the fields above the signature, then
//       select (LeafNodeTBS.leaf_node_source) {
//           case key_package:    struct{};
//           case update, commit: opaque group_id<V>; uint32 leaf_index;
//       };
const position: Codec<LeafNodePosition> = struct<LeafNodePosition>({ groupId: idBytes, leafIndex: uint32 });

/** LeafNodeTBS (RFC 9420 §7.2). For source key_package the position is not part of it. */
export const leafNodeTbs: Codec<UnsignedLeafNode & Partial<LeafNodePosition>> = dependent<
  UnsignedLeafNode,
  Partial<LeafNodePosition>
>(unsigned, (leaf) => (leaf.leafNodeSource === LeafNodeSource.keyPackage ? empty : position));

/** The lifetime of a leaf that comes from a KeyPackage; others have none (RFC 9420 §7.2). */
export function lifetimeOf(leaf: LeafNode): Lifetime | undefined {
  return leaf.leafNodeSource === LeafNodeSource.keyPackage ? leaf.lifetime : undefined;
}
