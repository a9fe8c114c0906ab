import { type CipherSuite, DEFAULT_LIMITS, type Signer, utf8 } from "@openmls-ts/traits";
import {
  basicCredential,
  encodeGroupContext,
  type LeafNode,
  type UpdatePath,
} from "../../../packages/mls-core/src/wire/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../../../packages/mls-core/src/registry.ts";
import {
  commonAncestor,
  directPath,
  leafToNode,
  RatchetTree,
  signLeaf,
} from "../../../packages/mls-core/src/tree/index.ts";
import { defaultCapabilities } from "../../../packages/mls-core/src/tree/supported.ts";
import {
  type PreparedPath,
  preparePath,
  PrivateTree,
  sealPath,
} from "../../../packages/mls-core/src/treekem/index.ts";
import type { Draw } from "./draw.ts";
import { FOREVER } from "./person.ts";

/** What a member of the tree knows. */
export interface TreeMember {
  readonly signaturePrivateKey: Uint8Array;
  readonly signer: Signer;
  encryptionPrivateKey: Uint8Array;
  /** Path secrets of the nodes above it, as far as it knows them. */
  readonly pathSecrets: Map<number, Uint8Array>;
}

/** A tree with all private keys: TreeKEM without a group around it. */
export class TreeGroup {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly members = new Map<number, TreeMember>();
  readonly #draw: Draw;
  readonly tree: RatchetTree;

  private constructor(suite: CipherSuite, draw: Draw, tree: RatchetTree, groupId: Uint8Array) {
    this.suite = suite;
    this.#draw = draw;
    this.tree = tree;
    this.groupId = groupId;
  }

  /** A tree of so many leaves, all parents blank. */
  static async create(suite: CipherSuite, draw: Draw, size: number): Promise<TreeGroup> {
    const groupId = draw.bytes(16);
    const { leaf, member } = await newLeaf(suite, draw, 0);
    const tree = RatchetTree.create(suite, leaf, DEFAULT_LIMITS.maxLeaves);
    const group = new TreeGroup(suite, draw, tree, groupId);
    group.members.set(0, member);
    while (group.members.size < size) {
      await group.add();
    }
    return group;
  }

  async add(): Promise<number> {
    const { leaf, member } = await newLeaf(this.suite, this.#draw, this.members.size);
    const index = this.tree.addLeaf(leaf);
    this.members.set(index, member);
    return index;
  }

  remove(leafIndex: number): void {
    this.#forget(leafIndex);
    this.tree.removeLeaf(leafIndex);
    this.members.delete(leafIndex);
  }

  /** A commit's path, applied to this tree. */
  async commit(sender: number): Promise<void> {
    const prepared = await this.prepare(this.tree, sender);
    this.#forget(sender);
    const keys = PrivateTree.create(sender);
    prepared.installKeys(keys);
    this.members.get(sender)!.encryptionPrivateKey = keys.key(leafToNode(sender))!.expose().slice();
    for (const [index, { pathSecrets }] of this.members) {
      const first = index === sender ? 0 : this.#firstShared(prepared, sender, index);
      for (const [at, { node }] of prepared.steps.entries()) {
        if (at >= first) {
          pathSecrets.set(node, prepared.pathSecrets[at]!.expose().slice());
        }
      }
    }
  }

  /** A path in a tree that may be a fork of this one. */
  async prepare(tree: RatchetTree, sender: number): Promise<PreparedPath> {
    const { signer } = this.members.get(sender)!;
    const { credential, capabilities, extensions, signatureKey } = tree.leaf(sender)!;
    const same = { credential, capabilities, extensions, signatureKey };
    return preparePath(this.suite, tree, sender, async (encryptionKey, parentHash) =>
      signLeaf(
        this.suite,
        signer,
        { ...same, encryptionKey, leafNodeSource: LeafNodeSource.commit, parentHash },
        { groupId: this.groupId, leafIndex: sender },
      ),
    );
  }

  /** The path, encrypted under the context that the treekem format prescribes. */
  async seal(
    tree: RatchetTree,
    prepared: PreparedPath,
    context: { readonly epoch: bigint; readonly confirmedTranscriptHash: Uint8Array },
  ): Promise<UpdatePath> {
    const encoded = encodeGroupContext({
      version: ProtocolVersion.mls10,
      cipherSuite: this.suite.id,
      groupId: this.groupId,
      treeHash: tree.treeHash(),
      extensions: [],
      ...context,
    });
    return sealPath(this.suite, tree, prepared, encoded, new Set());
  }

  #firstShared(prepared: PreparedPath, sender: number, index: number): number {
    return prepared.steps.findIndex(({ node }) => node === commonAncestor(sender, index));
  }

  // The nodes above this leaf have other keys now, or none.
  #forget(leafIndex: number): void {
    for (const { pathSecrets } of this.members.values()) {
      for (const node of directPath(leafIndex, this.tree.leafCount)) {
        pathSecrets.delete(node);
      }
    }
  }
}

async function newLeaf(
  suite: CipherSuite,
  draw: Draw,
  number: number,
): Promise<{ readonly leaf: LeafNode; readonly member: TreeMember }> {
  const { publicKey, privateKey } = await suite.generateSignatureKeys();
  const signer = { publicKey, sign: async (message: Uint8Array) => suite.sign(privateKey, message) };
  const keys = await suite.deriveKeyPair(draw.bytes(suite.params.kdf.hashLength));
  const leaf = await signLeaf(suite, signer, {
    encryptionKey: keys.publicKey,
    signatureKey: publicKey,
    credential: basicCredential(utf8(`leaf ${number}`)),
    capabilities: defaultCapabilities([suite.id]),
    leafNodeSource: LeafNodeSource.keyPackage,
    lifetime: FOREVER,
    extensions: [],
  });
  const member = {
    signaturePrivateKey: privateKey,
    signer,
    encryptionPrivateKey: keys.privateKey,
    pathSecrets: new Map<number, Uint8Array>(),
  };
  return { leaf, member };
}
