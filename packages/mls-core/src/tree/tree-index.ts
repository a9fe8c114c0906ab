import { bytesToKey } from "@openmls-ts/traits";
import { type Capabilities, type LeafNode, type ParentNode } from "../wire/index.ts";
import { isLeaf, nodeToLeaf } from "./tree-math.ts";
import { VersionedMap } from "./versioned-map.ts";

/** A list of a leaf's capabilities. */
export type SupportKind = keyof Capabilities;

const KINDS: readonly SupportKind[] = ["versions", "cipherSuites", "extensions", "proposals", "credentials"];

function supportKey(kind: SupportKind, type: number): number {
  return KINDS.indexOf(kind) * 0x1_0000 + type;
}

/** What would otherwise need a walk over the whole tree, kept up to date with every change (RFC 9420 §7.3, 16.7). */
export class TreeIndex {
  readonly #encryptionKeys: VersionedMap<string, number>;
  readonly #signatureKeys: VersionedMap<string, number>;
  readonly #support: VersionedMap<number, number>;
  readonly #credentialTypes: VersionedMap<number, number>;

  private constructor(
    encryptionKeys: VersionedMap<string, number>,
    signatureKeys: VersionedMap<string, number>,
    support: VersionedMap<number, number>,
    credentialTypes: VersionedMap<number, number>,
  ) {
    this.#encryptionKeys = encryptionKeys;
    this.#signatureKeys = signatureKeys;
    this.#support = support;
    this.#credentialTypes = credentialTypes;
  }

  /** The index of a tree without nodes. */
  static empty(): TreeIndex {
    return new TreeIndex(new VersionedMap(), new VersionedMap(), new VersionedMap(), new VersionedMap());
  }

  fork(): TreeIndex {
    return new TreeIndex(
      this.#encryptionKeys.fork(),
      this.#signatureKeys.fork(),
      this.#support.fork(),
      this.#credentialTypes.fork(),
    );
  }

  nodeByEncryptionKey(key: Uint8Array): number | undefined {
    return this.#encryptionKeys.get(bytesToKey(key));
  }

  leafBySignatureKey(key: Uint8Array): number | undefined {
    return this.#signatureKeys.get(bytesToKey(key));
  }

  supportCount(kind: SupportKind, type: number): number {
    return this.#support.get(supportKey(kind, type)) ?? 0;
  }

  credentialTypesInUse(): ReadonlyMap<number, number> {
    return this.#credentialTypes.snapshot();
  }

  /** A node changes its content. */
  replace(
    nodeIndex: number,
    before: LeafNode | ParentNode | undefined,
    after: LeafNode | ParentNode | undefined,
  ): void {
    if (before === after) {
      return;
    }
    if (before?.encryptionKey !== after?.encryptionKey) {
      move(this.#encryptionKeys, nodeIndex, before?.encryptionKey, after?.encryptionKey);
    }
    if (isLeaf(nodeIndex)) {
      this.#replaceLeaf(nodeToLeaf(nodeIndex), before as LeafNode | undefined, after as LeafNode | undefined);
    }
  }

  #replaceLeaf(leafIndex: number, before: LeafNode | undefined, after: LeafNode | undefined): void {
    move(this.#signatureKeys, leafIndex, before?.signatureKey, after?.signatureKey);
    for (const [leaf, change] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (leaf === undefined) {
        continue;
      }
      count(this.#credentialTypes, leaf.credential.credentialType, change);
      for (const kind of KINDS) {
        for (const type of new Set(leaf.capabilities[kind])) {
          count(this.#support, supportKey(kind, type), change);
        }
      }
    }
  }
}

/** An entry is removed only by its owner: the key may have gone to another node before this one gave it up. */
function move(
  map: VersionedMap<string, number>,
  owner: number,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): void {
  if (before !== undefined) {
    const key = bytesToKey(before);
    if (map.get(key) === owner) {
      map.set(key, undefined);
    }
  }
  if (after !== undefined) {
    map.set(bytesToKey(after), owner);
  }
}

function count(map: VersionedMap<number, number>, key: number, change: number): void {
  const total = (map.get(key) ?? 0) + change;
  map.set(key, total === 0 ? undefined : total);
}
