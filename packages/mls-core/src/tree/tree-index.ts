import { bytesToKey } from "@openmls-ts/traits";
import { isGrease } from "../registry.ts";
import { type LeafNode, type ParentNode } from "../wire/index.ts";
import { type Holders, otherThan, withHolder, withoutHolder } from "./holders.ts";
import type { SupportKind } from "./supported.ts";
import { isLeaf, nodeToLeaf } from "./tree-math.ts";
import { VersionedMap } from "./versioned-map.ts";

const KINDS: readonly SupportKind[] = ["versions", "cipherSuites", "extensions", "proposals", "credentials"];

function supportKey(kind: SupportKind, type: number): number {
  return KINDS.indexOf(kind) * 0x1_0000 + type;
}

/** What would otherwise need a walk over the whole tree, kept up to date with every change (RFC 9420 §7.3, 16.7). */
export class TreeIndex {
  readonly #encryptionKeys: VersionedMap<string, Holders>;
  readonly #signatureKeys: VersionedMap<string, Holders>;
  readonly #support: VersionedMap<number, number>;
  readonly #credentialTypes: VersionedMap<number, number>;

  private constructor(
    encryptionKeys: VersionedMap<string, Holders>,
    signatureKeys: VersionedMap<string, Holders>,
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

  /** A node, other than the one given, with this encryption key. */
  holder(key: Uint8Array, except?: number): number | undefined {
    return otherThan(this.#encryptionKeys.get(bytesToKey(key)), except);
  }

  /** A leaf, other than the one given, with this signature key. */
  signer(key: Uint8Array, except?: number): number | undefined {
    return otherThan(this.#signatureKeys.get(bytesToKey(key)), except);
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
          // RFC 9420 §13.5: a GREASE value is supported by nobody
          if (!isGrease(type)) {
            count(this.#support, supportKey(kind, type), change);
          }
        }
      }
    }
  }
}

function move(
  map: VersionedMap<string, Holders>,
  holder: number,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): void {
  if (before !== undefined) {
    const key = bytesToKey(before);
    map.set(key, withoutHolder(map.get(key), holder));
  }
  if (after !== undefined) {
    const key = bytesToKey(after);
    map.set(key, withHolder(map.get(key), holder));
  }
}

function count(map: VersionedMap<number, number>, key: number, change: number): void {
  const total = (map.get(key) ?? 0) + change;
  map.set(key, total === 0 ? undefined : total);
}
