import { type CipherSuite, equalBytesConstantTime, MlsError, Secret } from "@openmls-ts/traits";
import { isInSubtree, leafToNode } from "../tree/tree-math.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/**
 * One member's private half of the ratchet tree (RFC 9420 §4.2): the HPKE private keys of its leaf and of the nodes
 * above it that it knows. Each instance owns its copies of the keys.
 */
export class PrivateTree {
  readonly leafIndex: number;
  readonly #keys: Map<number, Secret>;

  private constructor(leafIndex: number, keys: Map<number, Secret>) {
    this.leafIndex = leafIndex;
    this.#keys = keys;
  }

  /** @param leafKey private key of the member's leaf, Nsk bytes, taken over; none while there is no leaf yet */
  static create(leafIndex: number, leafKey?: Uint8Array): PrivateTree {
    const tree = new PrivateTree(leafIndex, new Map());
    if (leafKey !== undefined) {
      tree.set(leafToNode(leafIndex), leafKey);
    }
    return tree;
  }

  /**
   * From stored keys, which are taken over.
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a key of another length than Nsk, or of a node that is neither the
   *   member's leaf nor above it
   */
  static fromEntries(
    suite: CipherSuite,
    leafIndex: number,
    entries: Iterable<readonly [nodeIndex: number, key: Uint8Array]>,
  ): PrivateTree {
    const tree = PrivateTree.create(leafIndex);
    const { privateKeyLength } = suite.params.kem;
    for (const [nodeIndex, key] of entries) {
      const fits = key.length === privateKeyLength && isInSubtree(nodeIndex, leafIndex);
      if (!fits || tree.#keys.has(nodeIndex)) {
        tree.wipe();
        throw new MlsError("ERR_MLS_STORAGE_FORMAT", `the private key of node ${nodeIndex} is malformed`);
      }
      tree.set(nodeIndex, key);
    }
    return tree;
  }

  /** A copy with keys of its own. */
  fork(): PrivateTree {
    return new PrivateTree(
      this.leafIndex,
      new Map([...this.#keys].map(([node, key]) => [node, key.clone()])),
    );
  }

  /** The private key of a node, if it is known; the box stays with the tree. */
  key(nodeIndex: number): Secret | undefined {
    return this.#keys.get(nodeIndex);
  }

  /** Puts a private key, which is taken over, and wipes the one that it replaces (RFC 9420 §7.5). */
  set(nodeIndex: number, key: Uint8Array): void {
    this.#keys.get(nodeIndex)?.wipe();
    this.#keys.set(nodeIndex, new Secret(key));
  }

  /** Wipes the key of a node. */
  delete(nodeIndex: number): void {
    this.#keys.get(nodeIndex)?.wipe();
    this.#keys.delete(nodeIndex);
  }

  /** Wipes the keys of nodes that are blank or no longer part of the tree. */
  prune(tree: RatchetTree): void {
    for (const nodeIndex of [...this.#keys.keys()]) {
      if (tree.encryptionKey(nodeIndex) === undefined) {
        this.delete(nodeIndex);
      }
    }
  }

  /** All keys, ascending by node index; the boxes stay with the tree. */
  entries(): readonly (readonly [nodeIndex: number, key: Secret])[] {
    return [...this.#keys].sort(([a], [b]) => a - b);
  }

  /** What differs from an older state; `undefined` for keys that are gone. */
  changed(base: PrivateTree): readonly (readonly [nodeIndex: number, key: Secret | undefined])[] {
    const gone = [...base.#keys.keys()]
      .filter((node) => !this.#keys.has(node))
      .map((node) => [node, undefined] as const);
    const fresh = this.entries().filter(([node, key]) => {
      const before = base.#keys.get(node);
      return before === undefined || !equalBytesConstantTime(before.expose(), key.expose());
    });
    return [...gone, ...fresh];
  }

  /** Wipes all keys. */
  wipe(): void {
    for (const key of this.#keys.values()) {
      key.wipe();
    }
    this.#keys.clear();
  }
}
