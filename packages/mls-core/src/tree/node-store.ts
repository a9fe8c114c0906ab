import { type CipherSuite, MlsError } from "@openmls-ts/traits";
import { type LeafNode, type ParentNode } from "../wire/index.ts";
import { PersistentVector } from "./persistent-vector.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { leafTreeHash, parentTreeHash } from "./tree-hash.ts";
import { TreeIndex } from "./tree-index.ts";
import { isLeaf, isTreeSize, left, level, nodeToLeaf, nodeWidth, right, root } from "./tree-math.ts";

/**
 * An entry of the tree with the number of members below it. Whatever changes below a node puts a new cell in its
 * place; so a hash can be filled in later, for all forks that share the cell.
 */
interface Cell extends TreeEntry {
  readonly members: number;
  hash: Uint8Array | undefined;
}

const blank = (): Cell => ({ node: undefined, hash: undefined, members: 0 });

/** The nodes of a ratchet tree with their cached hashes and their index: a handle on an immutable state. */
export class NodeStore {
  readonly #suite: CipherSuite;
  #leafCount: number;
  #cells: PersistentVector<Cell>;
  #index: TreeIndex | undefined;

  private constructor(
    suite: CipherSuite,
    leafCount: number,
    cells: PersistentVector<Cell>,
    index?: TreeIndex,
  ) {
    this.#suite = suite;
    this.#leafCount = leafCount;
    this.#cells = cells;
    this.#index = index;
  }

  /** A store with room for `leafCount` leaves; entries that are absent are blank. */
  static build(
    suite: CipherSuite,
    leafCount: number,
    entries: readonly (TreeEntry | undefined)[],
  ): NodeStore {
    const width = nodeWidth(leafCount);
    const members = new Uint32Array(width);
    for (let node = 0; node < width; node += 2) {
      members[node] = entries[node]?.node === undefined ? 0 : 1;
    }
    for (let size = 2; size <= leafCount; size *= 2) {
      for (let node = size - 1; node < width; node += 2 * size) {
        members[node] = members[node - size / 2]! + members[node + size / 2]!;
      }
    }
    const cells = PersistentVector.build<Cell>(width, (node) => ({
      node: entries[node]?.node,
      hash: entries[node]?.hash,
      members: members[node]!,
    }));
    return new NodeStore(suite, leafCount, cells);
  }

  /** A store from stored entries; those that are absent are blank. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
  static restore(
    suite: CipherSuite,
    leafCount: number,
    entries: Iterable<readonly [nodeIndex: number, TreeEntry]>,
  ): NodeStore {
    checkStoredSize(leafCount);
    const list: (TreeEntry | undefined)[] = Array.from({ length: nodeWidth(leafCount) });
    for (const [nodeIndex, entry] of entries) {
      checkStoredIndex(nodeIndex, leafCount);
      list[nodeIndex] = entry;
    }
    return NodeStore.build(suite, leafCount, list);
  }

  fork(): NodeStore {
    return new NodeStore(this.#suite, this.#leafCount, this.#cells, this.index.fork());
  }

  /** What is where. It is made when something is first looked for: who loads a group to read a message needs none of it. */
  get index(): TreeIndex {
    if (this.#index === undefined) {
      this.#index = TreeIndex.empty();
      for (let node = 0; node < this.#cells.length; node++) {
        this.#index.replace(node, undefined, this.node(node));
      }
    }
    return this.#index;
  }

  get leafCount(): number {
    return this.#leafCount;
  }

  /** What stands at a node index; `undefined` also for any number that is none. */
  node(nodeIndex: number): LeafNode | ParentNode | undefined {
    return this.#cells.get(nodeIndex)?.node;
  }

  /** Occupied leaves below a node. */
  members(nodeIndex: number): number {
    return this.#cells.get(nodeIndex)?.members ?? 0;
  }

  /** Puts a leaf, after which all nodes above it are to be put again, upwards. */
  putLeaf(nodeIndex: number, node: LeafNode | undefined, hash?: Uint8Array): void {
    this.#put(nodeIndex, { node, hash, members: node === undefined ? 0 : 1 });
  }

  /** Puts a parent whose children are in place. */
  putParent(nodeIndex: number, node: ParentNode | undefined, hash?: Uint8Array): void {
    const members = this.members(left(nodeIndex)) + this.members(right(nodeIndex));
    this.#put(nodeIndex, { node, hash, members });
  }

  #put(nodeIndex: number, cell: Cell): void {
    this.index.replace(nodeIndex, this.node(nodeIndex), cell.node);
    this.#cells = this.#cells.set(nodeIndex, cell);
  }

  /** Puts stored entries, of which those that belong to one another come together. */
  putEntries(entries: Iterable<readonly [nodeIndex: number, TreeEntry]>): void {
    const upwards = [...entries].sort(([a], [b]) => level(a) - level(b));
    for (const [nodeIndex, { node, hash }] of upwards) {
      checkStoredIndex(nodeIndex, this.#leafCount);
      if (isLeaf(nodeIndex)) {
        this.putLeaf(nodeIndex, node as LeafNode | undefined, hash);
      } else {
        this.putParent(nodeIndex, node as ParentNode | undefined, hash);
      }
    }
  }

  /** Adds blank nodes on the right, or cuts nodes off there. */
  resize(leafCount: number): void {
    if (leafCount === this.#leafCount) {
      return;
    }
    const grows = leafCount > this.#leafCount;
    for (let nodeIndex = nodeWidth(leafCount); nodeIndex < this.#cells.length; nodeIndex++) {
      this.index.replace(nodeIndex, this.node(nodeIndex), undefined);
    }
    this.#leafCount = leafCount;
    this.#cells = this.#cells.resize(nodeWidth(leafCount), blank);
    if (grows) {
      this.putParent(root(leafCount), undefined); // RFC 9420 §7.7: the new root is blank
    }
  }

  /** Tree hash of a node (RFC 9420 §7.8). @throws MlsError `ERR_MLS_USAGE` */
  hash(nodeIndex: number): Uint8Array {
    const cell = this.#cells.get(nodeIndex);
    if (cell === undefined) {
      throw new MlsError("ERR_MLS_USAGE", `node ${nodeIndex} is outside of the tree`);
    }
    cell.hash ??= isLeaf(nodeIndex)
      ? leafTreeHash(this.#suite, nodeToLeaf(nodeIndex), cell.node as LeafNode | undefined)
      : parentTreeHash(
          this.#suite,
          cell.node as ParentNode | undefined,
          this.hash(left(nodeIndex)),
          this.hash(right(nodeIndex)),
        );
    return cell.hash;
  }

  /** All entries in order. */
  [Symbol.iterator](): Iterator<TreeEntry> {
    return this.#cells[Symbol.iterator]();
  }

  changesSince(base: NodeStore): readonly (readonly [nodeIndex: number, TreeEntry | undefined])[] {
    return this.#cells.changesSince(base.#cells);
  }
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a size that no tree has */
export function checkStoredSize(leafCount: number): void {
  if (!isTreeSize(leafCount)) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", `a stored tree of ${leafCount} leaves`);
  }
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a node that is not part of the tree */
function checkStoredIndex(nodeIndex: number, leafCount: number): void {
  if (!Number.isInteger(nodeIndex) || nodeIndex < 0 || nodeIndex >= nodeWidth(leafCount)) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `a stored node ${nodeIndex} in a tree of ${leafCount} leaves`,
    );
  }
}
