/** A node of the ratchet tree as far as the drawing shows it; `undefined` is a blank node. */
export interface TreeNode {
  /** HPKE public key. */
  readonly encryptionKey: Uint8Array;
}

/**
 * Reads what `MlsGroup.exportRatchetTree()` writes: `optional<Node> ratchet_tree<V>` (RFC 9420 §12.4.3.3), leaves at
 * even places, parents between them, blank nodes at the end left out. It comes from our own library, and so is trusted.
 * @returns the nodes, filled up with blank ones to a full tree
 */
export function readRatchetTree(bytes: Uint8Array): (TreeNode | undefined)[] {
  const input = new Cursor(new Cursor(bytes).vector());
  const nodes: (TreeNode | undefined)[] = [];
  while (!input.atEnd) {
    nodes.push(input.number(1) === 0 ? undefined : readNode(input));
  }
  let width = 1;
  while (width < nodes.length) {
    width = 2 * width + 1;
  }
  return Array.from({ length: width }, (_, i) => nodes[i]);
}

const LEAF = 1;
const KEY_PACKAGE = 1;
const COMMIT = 3;

function readNode(input: Cursor): TreeNode {
  const nodeType = input.number(1);
  const encryptionKey = input.vector();
  if (nodeType !== LEAF) {
    input.skipVectors(2); // parent_hash, unmerged_leaves
    return { encryptionKey };
  }
  input.skipVectors(1); // signature_key
  input.number(2); // credential type
  input.skipVectors(1 + 5); // identity or certificates; the lists of the capabilities
  const source = input.number(1);
  if (source === KEY_PACKAGE) {
    input.number(8); // lifetime
    input.number(8);
  } else if (source === COMMIT) {
    input.skipVectors(1); // parent_hash
  }
  input.skipVectors(2); // extensions, signature
  return { encryptionKey };
}

/** Reads a structure from its beginning to its end. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A big-endian number of a few octets; of more than six only its end is exact, which nobody here looks at. */
  number(octets: number): number {
    let value = 0;
    for (let i = 0; i < octets; i++) {
      value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    }
    return value;
  }

  /** `opaque x<V>` (RFC 9420 §2.1.2): the first two bits say how long the length is. */
  vector(): Uint8Array {
    const first = this.number(1);
    const more = (1 << (first >> 6)) - 1;
    const length = (first & 0x3f) * 256 ** more + this.number(more);
    const value = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  skipVectors(count: number): void {
    for (let i = 0; i < count; i++) {
      this.vector();
    }
  }
}
