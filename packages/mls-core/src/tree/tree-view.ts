import type { CipherSuite } from "@openmls-ts/traits";
import type { LeafNode } from "../wire/index.ts";
import type { SupportKind } from "./supported.ts";

/**
 * A ratchet tree as far as most of the protocol needs to see it: who is there, which keys are taken, what everybody
 * supports. Narrow enough for a tree of which only a part is known.
 */
export interface TreeView {
  readonly suite: CipherSuite;
  /** Leaves that the tree has room for, blank ones included: a power of two. */
  readonly leafCount: number;
  /** Leaves that are occupied. */
  readonly memberCount: number;
  /** The leaf at a leaf index; `undefined` for a blank one and for any number that is no leaf of this tree. */
  leaf(leafIndex: number): LeafNode | undefined;
  /** All members in the order of their leaves. */
  members(): Iterable<readonly [leafIndex: number, LeafNode]>;
  /** The HPKE public key at a node index, if there is one. */
  encryptionKey(nodeIndex: number): Uint8Array | undefined;
  /** A node that has this HPKE public key. */
  nodeByEncryptionKey(key: Uint8Array): number | undefined;
  /** A leaf that has this signature key. */
  leafBySignatureKey(key: Uint8Array): number | undefined;
  /** A node other than this one that has this HPKE public key. */
  otherHolder(key: Uint8Array, nodeIndex: number): number | undefined;
  /** A leaf other than this one that has this signature key. */
  otherSigner(key: Uint8Array, leafIndex: number): number | undefined;
  /** How many members list a type in their capabilities; none lists a GREASE value. */
  supportCount(kind: SupportKind, type: number): number;
  /** How many members have a credential of each type. */
  credentialTypesInUse(): ReadonlyMap<number, number>;
  /** Tree hash of the root (RFC 9420 §7.8); Nh bytes. */
  treeHash(): Uint8Array;
}
