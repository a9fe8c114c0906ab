import { type CipherSuite, DEFAULT_LIMITS, MlsError, violation } from "@openmls-ts/traits";
import { type LeafNode, type Node, type ParentNode } from "../wire/index.ts";
import { checkStoredSize, NodeStore } from "./node-store.ts";
import { exportNodes, importNodes, treeTooLarge } from "./tree-nodes.ts";
import { inserted } from "./sorted.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { filteredPathOf, leftmostBlank, type PathStep, resolutionOf, truncatedSize } from "./resolution.ts";
import type { SupportKind } from "./supported.ts";
import type { TreeView } from "./tree-view.ts";
import {
  directPath,
  isLeaf,
  leafCountFor,
  leafToNode,
  MAX_LEAF_COUNT,
  nodeWidth,
  root,
} from "./tree-math.ts";

export type { PathStep } from "./resolution.ts";

/**
 * The public half of the ratchet tree (RFC 9420 §4.1, 7). A handle on an immutable state: forks cost nothing, share
 * what they have in common, and change apart from each other. Indices from the wire may be asked for as they are.
 */
export class RatchetTree implements TreeView {
  readonly suite: CipherSuite;
  /** The most leaves that the tree may have room for. */
  readonly maxLeaves: number;
  readonly #nodes: NodeStore;

  private constructor(suite: CipherSuite, maxLeaves: number, nodes: NodeStore) {
    this.suite = suite;
    this.maxLeaves = maxLeaves;
    this.#nodes = nodes;
  }

  /** A tree of one member. */
  static create(
    suite: CipherSuite,
    leaf: LeafNode,
    maxLeaves: number = DEFAULT_LIMITS.maxLeaves,
  ): RatchetTree {
    const nodes = NodeStore.build(suite, 1, [{ node: leaf, hash: undefined }]);
    return new RatchetTree(suite, maxLeaves, nodes);
  }

  /**
   * The tree that a ratchet_tree extension describes (RFC 9420 §12.4.3.3); nothing else about it is verified.
   * @throws MlsError `ERR_MLS_VALIDATION` rules rfc110 and rfc111, `ERR_MLS_LIMIT` for more than `maxLeaves` leaves
   */
  static fromNodes(suite: CipherSuite, nodes: readonly (Node | undefined)[], maxLeaves: number): RatchetTree {
    const entries = importNodes(nodes, maxLeaves);
    return new RatchetTree(suite, maxLeaves, NodeStore.build(suite, leafCountFor(nodes.length), entries));
  }

  /**
   * A tree from its stored entries: no hash is computed and nothing is verified. Entries that are absent are blank.
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a size or an index that no tree has
   */
  static fromEntries(
    suite: CipherSuite,
    leafCount: number,
    entries: Iterable<readonly [nodeIndex: number, TreeEntry]>,
    maxLeaves: number = DEFAULT_LIMITS.maxLeaves,
  ): RatchetTree {
    return new RatchetTree(suite, maxLeaves, NodeStore.restore(suite, leafCount, entries));
  }

  /** A tree with the same content that changes apart from this one. */
  fork(): RatchetTree {
    return new RatchetTree(this.suite, this.maxLeaves, this.#nodes.fork());
  }

  /** Leaves that the tree has room for, blank ones included: a power of two. */
  get leafCount(): number {
    return this.#nodes.leafCount;
  }

  /** Leaves that are occupied. */
  get memberCount(): number {
    return this.#nodes.members(root(this.leafCount));
  }

  /** Whether no member is below a node. */
  isVacant(nodeIndex: number): boolean {
    return this.#nodes.members(nodeIndex) === 0;
  }

  /** The leaf at a leaf index; `undefined` for a blank one and for any number that is no leaf of this tree. */
  leaf(leafIndex: number): LeafNode | undefined {
    const isLeafIndex = this.#isLeafIndex(leafIndex);
    return isLeafIndex ? (this.#nodes.node(leafToNode(leafIndex)) as LeafNode | undefined) : undefined;
  }

  /** The parent at a node index; `undefined` for a blank one and for any number that is no parent of this tree. */
  parentNode(nodeIndex: number): ParentNode | undefined {
    return this.#isNodeIndex(nodeIndex) && !isLeaf(nodeIndex)
      ? (this.#nodes.node(nodeIndex) as ParentNode | undefined)
      : undefined;
  }

  /** The HPKE public key at a node index, if there is one. */
  encryptionKey(nodeIndex: number): Uint8Array | undefined {
    return this.#nodes.node(nodeIndex)?.encryptionKey;
  }

  /** All members in the order of their leaves. */
  *members(): Generator<readonly [leafIndex: number, LeafNode]> {
    for (let leafIndex = 0; leafIndex < this.leafCount; leafIndex++) {
      const leaf = this.leaf(leafIndex);
      if (leaf !== undefined) {
        yield [leafIndex, leaf];
      }
    }
  }

  /** A leaf that has this signature key: the only one in a valid tree. */
  leafBySignatureKey(key: Uint8Array): number | undefined {
    return this.#nodes.index.signer(key);
  }

  /** A node that has this HPKE public key: the only one in a valid tree. */
  nodeByEncryptionKey(key: Uint8Array): number | undefined {
    return this.#nodes.index.holder(key);
  }

  /** A node other than this one that has this HPKE public key. */
  otherHolder(key: Uint8Array, nodeIndex: number): number | undefined {
    return this.#nodes.index.holder(key, nodeIndex);
  }

  /** A leaf other than this one that has this signature key. */
  otherSigner(key: Uint8Array, leafIndex: number): number | undefined {
    return this.#nodes.index.signer(key, leafIndex);
  }

  /** How many members list a type in their capabilities; none lists a GREASE value. */
  supportCount(kind: SupportKind, type: number): number {
    return this.#nodes.index.supportCount(kind, type);
  }

  /** How many members have a credential of each type. */
  credentialTypesInUse(): ReadonlyMap<number, number> {
    return this.#nodes.index.credentialTypesInUse();
  }

  /** The leaf that the next new member takes; equal to {@link leafCount} when the tree is full (RFC 9420 §7.7). */
  leftmostBlankLeaf(): number {
    return leftmostBlank(this.#nodes);
  }

  /**
   * Makes room for a leaf index up to and including {@link leafCount}, by doubling the tree if need be.
   * @throws MlsError `ERR_MLS_LIMIT`, `ERR_MLS_USAGE` for an index further away
   */
  reserveLeaf(leafIndex: number): void {
    if (this.#isLeafIndex(leafIndex)) {
      return;
    }
    if (leafIndex !== this.leafCount) {
      throw noSuchLeaf(leafIndex);
    }
    const doubled = 2 * this.leafCount;
    if (doubled > Math.min(this.maxLeaves, MAX_LEAF_COUNT)) {
      throw treeTooLarge(this.maxLeaves);
    }
    this.#nodes.resize(doubled);
  }

  /**
   * Puts a new member into the leftmost blank leaf (RFC 9420 §12.1.1).
   * @returns its leaf index
   * @throws MlsError `ERR_MLS_LIMIT` when the tree is full and may not grow
   */
  addLeaf(leaf: LeafNode): number {
    const leafIndex = this.leftmostBlankLeaf();
    this.reserveLeaf(leafIndex);
    this.#rewrite(leafIndex, leaf, (node) =>
      node === undefined
        ? undefined
        : {
            ...node,
            unmergedLeaves: inserted(node.unmergedLeaves, leafIndex),
          },
    );
    return leafIndex;
  }

  /** Replaces a member's leaf and blanks the nodes above it (RFC 9420 §12.1.2). @throws MlsError `ERR_MLS_USAGE` */
  updateLeaf(leafIndex: number, leaf: LeafNode): void {
    if (this.leaf(leafIndex) === undefined) {
      throw noSuchLeaf(leafIndex);
    }
    this.#rewrite(leafIndex, leaf, () => undefined);
  }

  /**
   * Blanks a member's leaf and the nodes above it, and cuts off what became empty (RFC 9420 §12.1.3).
   * @throws MlsError `ERR_MLS_VALIDATION` rule valn0701 if nobody is there
   */
  removeLeaf(leafIndex: number): void {
    if (this.leaf(leafIndex) === undefined) {
      throw violation("valn0701", "no leaf to remove there"); // RFC 9420 §12.1.3
    }
    this.#rewrite(leafIndex, undefined, () => undefined);
    this.#nodes.resize(truncatedSize(this.#nodes));
  }

  /** Puts a committer's new leaf and the new nodes above it in their places and blanks the others (RFC 9420 §7.5). */
  setPath(leafIndex: number, leaf: LeafNode, parents: ReadonlyMap<number, ParentNode>): void {
    this.reserveLeaf(leafIndex);
    this.#rewrite(leafIndex, leaf, (_, nodeIndex) => parents.get(nodeIndex));
  }

  /**
   * The nodes whose keys reach everybody below a node (RFC 9420 §4.1.1), in the RFC's order.
   * @param without leaf indices that are struck from the result
   */
  resolution(nodeIndex: number, without?: ReadonlySet<number>): number[] {
    return this.#isNodeIndex(nodeIndex) ? resolutionOf(this.#nodes, nodeIndex, without) : [];
  }

  /** The nodes above a leaf, upwards, without those whose other child has nobody below it (RFC 9420 §4.1.2). */
  filteredDirectPath(leafIndex: number): PathStep[] {
    if (!this.#isLeafIndex(leafIndex)) {
      throw noSuchLeaf(leafIndex);
    }
    return filteredPathOf(this.#nodes, leafIndex);
  }

  /** Tree hash of the root (RFC 9420 §7.8); Nh bytes. Only what changed since the last time is computed. */
  treeHash(): Uint8Array {
    return this.treeHashOf(root(this.leafCount)).slice(); // the cached one stays ours
  }

  /** Tree hash of a node (RFC 9420 §7.8); Nh bytes. @throws MlsError `ERR_MLS_USAGE` */
  treeHashOf(nodeIndex: number): Uint8Array {
    return this.#nodes.hash(nodeIndex);
  }

  /** The nodes as the ratchet_tree extension lists them, up to the last occupied one (RFC 9420 §12.4.3.3). */
  exportNodes(): (Node | undefined)[] {
    return exportNodes(this.#nodes);
  }

  /** All nodes with their hashes, for storage. */
  *entries(): Generator<readonly [nodeIndex: number, TreeEntry]> {
    this.treeHash();
    let nodeIndex = 0;
    for (const cell of this.#nodes) {
      yield [nodeIndex++, cell];
    }
  }

  /**
   * What differs from an older state that is stored already, in a time that depends on the difference alone;
   * `undefined` stands for nodes outside of the present width, whose records are to be deleted.
   */
  changedEntries(base: RatchetTree): Iterable<readonly [nodeIndex: number, TreeEntry | undefined]> {
    this.treeHash();
    return this.#nodes.changesSince(base.#nodes);
  }

  /**
   * Brings this tree, a fork of an older state, to the state that was stored as {@link changedEntries} of it. Nothing is
   * hashed or verified.
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a size or an index that no tree has
   */
  applyEntries(leafCount: number, entries: Iterable<readonly [nodeIndex: number, TreeEntry]>): void {
    checkStoredSize(leafCount);
    this.#nodes.resize(leafCount);
    this.#nodes.putEntries(entries);
  }

  #isLeafIndex(leafIndex: number): boolean {
    return Number.isInteger(leafIndex) && leafIndex >= 0 && leafIndex < this.leafCount;
  }

  #isNodeIndex(nodeIndex: number): boolean {
    return Number.isInteger(nodeIndex) && nodeIndex >= 0 && nodeIndex < nodeWidth(this.leafCount);
  }

  /** The one way in which nodes change: a leaf, and what stands above it, all of which need new hashes. */
  #rewrite(
    leafIndex: number,
    leaf: LeafNode | undefined,
    above: (node: ParentNode | undefined, nodeIndex: number) => ParentNode | undefined,
  ): void {
    this.#nodes.putLeaf(leafToNode(leafIndex), leaf);
    for (const nodeIndex of directPath(leafIndex, this.leafCount)) {
      const node = this.#nodes.node(nodeIndex) as ParentNode | undefined;
      this.#nodes.putParent(nodeIndex, above(node, nodeIndex));
    }
  }
}

function noSuchLeaf(leafIndex: number): MlsError {
  return new MlsError("ERR_MLS_USAGE", `leaf ${leafIndex} is outside of the tree, or blank`);
}
