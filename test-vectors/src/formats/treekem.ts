import { type CipherSuite, DEFAULT_LIMITS, type Signer } from "@openmls-ts/traits";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  encodeGroupContext,
  ratchetTree,
  type UpdatePath,
  updatePath,
} from "../../../packages/mls-core/src/wire/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../../../packages/mls-core/src/registry.ts";
import {
  isInSubtree,
  leafToNode,
  RatchetTree,
  signLeaf,
  verifyLeafSignature,
  verifyParentHashes,
} from "../../../packages/mls-core/src/tree/index.ts";
import {
  mergePath,
  openPath,
  preparePath,
  PrivateTree,
  sealPath,
} from "../../../packages/mls-core/src/treekem/index.ts";
import { nodeKeyPair } from "../../../packages/mls-core/src/treekem/path-secret.ts";
import { hex, holds, hpkePrivateKey, same, sameBytes, signaturePrivateKey, uint64 } from "../check.ts";
import type { VectorFormat } from "../format.ts";
import { matchingHpkeKeys, matchingSignatureKeys } from "../key-pair.ts";

interface LeafPrivate {
  readonly index: number;
  readonly encryption_priv: string;
  readonly signature_priv: string;
  readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
}

interface UpdatePathVector {
  readonly sender: number;
  readonly update_path: string;
  readonly path_secrets: readonly (string | null)[];
  readonly commit_secret: string;
  readonly tree_hash_after: string;
}

interface TreeKem {
  readonly group_id: string;
  readonly epoch: number | string;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly LeafPrivate[];
  readonly update_paths: readonly UpdatePathVector[];
}

/** Update paths, received and made (RFC 9420 §7.4 to 7.6). */
export const treeKem: VectorFormat<TreeKem> = {
  name: "treekem",
  fileName: /treekem/,
  keys: ["cipher_suite", "ratchet_tree", "leaves_private", "update_paths"],
  run: async (vector, { suite }) => {
    const nodes = decode(ratchetTree, hex(vector.ratchet_tree));
    const tree = RatchetTree.fromNodes(suite, nodes, DEFAULT_LIMITS.maxLeaves);
    const members = new Map<number, Member>();
    for (const leaf of vector.leaves_private) {
      members.set(leaf.index, await memberOf(suite, tree, leaf));
    }
    const group = new Group(suite, vector, tree, members);
    for (const [at, path] of vector.update_paths.entries()) {
      await group.receive(`update_paths[${at}]`, path);
      await group.send(`our path in the place of update_paths[${at}]`, path.sender);
    }
  },
};

interface Member {
  readonly keys: PrivateTree;
  readonly signer: Signer;
}

/** The private state of a leaf, all of it compared with the tree. */
async function memberOf(suite: CipherSuite, tree: RatchetTree, vector: LeafPrivate): Promise<Member> {
  const { index } = vector;
  const leaf = tree.leaf(index);
  holds(`leaf ${index} is occupied`, leaf !== undefined);
  const encryptionKey = hpkePrivateKey(suite, vector.encryption_priv);
  await matchingHpkeKeys(`leaf ${index}, encryption_priv`, suite, encryptionKey, leaf.encryptionKey);
  const signatureKey = signaturePrivateKey(suite, vector.signature_priv);
  const publicKey = leaf.signatureKey;
  await matchingSignatureKeys(`leaf ${index}, signature_priv`, suite, signatureKey, publicKey);
  const signer = { publicKey, sign: async (message: Uint8Array) => suite.sign(signatureKey, message) };

  const keys = PrivateTree.create(index, encryptionKey);
  for (const { node, path_secret } of vector.path_secrets) {
    const pair = await nodeKeyPair(suite, hex(path_secret));
    const expected = tree.parentNode(node)?.encryptionKey;
    holds(`leaf ${index}: node ${node} is occupied`, expected !== undefined);
    sameBytes(`leaf ${index}: public key of node ${node}`, pair.publicKey, expected);
    keys.set(node, pair.privateKey);
  }
  return { keys, signer };
}

const NOBODY: ReadonlySet<number> = new Set();

class Group {
  readonly #suite: CipherSuite;
  readonly #vector: TreeKem;
  readonly #tree: RatchetTree;
  readonly #members: ReadonlyMap<number, Member>;

  constructor(suite: CipherSuite, vector: TreeKem, tree: RatchetTree, members: ReadonlyMap<number, Member>) {
    this.#suite = suite;
    this.#vector = vector;
    this.#tree = tree;
    this.#members = members;
  }

  /** The path of the vector, by everybody but its sender. */
  async receive(what: string, vector: UpdatePathVector): Promise<void> {
    const bytes = hex(vector.update_path);
    const path = decode(updatePath, bytes);
    sameBytes(`${what}, encoded again`, encode(updatePath, path), bytes);
    const position = { groupId: hex(this.#vector.group_id), leafIndex: vector.sender };
    const verified = await verifyLeafSignature(this.#suite, path.leafNode, position);
    holds(`${what}: the signature of the leaf verifies`, verified);

    const after = await this.#merge(vector.sender, path);
    sameBytes(`${what}: tree_hash_after`, after.treeHash(), vector.tree_hash_after);
    for (const [receiver, { keys }] of this.#receivers(vector.sender)) {
      const opened = await this.#open(after, keys.fork(), vector.sender, path);
      sameBytes(`${what}: commit_secret of leaf ${receiver}`, opened.commitSecret, vector.commit_secret);
      const pathSecret = vector.path_secrets[receiver];
      holds(`${what}: leaf ${receiver} has a path secret`, typeof pathSecret === "string");
      // The path secret itself is wiped on the way: the key that follows from it stands for it.
      const node = after
        .filteredDirectPath(vector.sender)
        .find(({ copath }) => isInSubtree(copath, receiver))?.node;
      const expected = await nodeKeyPair(this.#suite, hex(pathSecret));
      const key = opened.keys.key(node ?? -1)?.expose();
      holds(`${what}: leaf ${receiver} has the key of node ${node ?? "?"}`, key !== undefined);
      sameBytes(`${what}: key of the path secret of leaf ${receiver}`, key, expected.privateKey);
    }
  }

  /** A path of our own from the same sender, by everybody else. */
  async send(what: string, sender: number): Promise<void> {
    const { signer, keys } = this.#members.get(sender) ?? {};
    const before = this.#tree.leaf(sender);
    holds(
      `${what}: the sender is a member`,
      signer !== undefined && keys !== undefined && before !== undefined,
    );
    const { credential, capabilities, extensions, signatureKey } = before;
    const position = { groupId: hex(this.#vector.group_id), leafIndex: sender };
    const ours = this.#tree.fork();
    const prepared = await preparePath(this.#suite, ours, sender, async (encryptionKey, parentHash) =>
      signLeaf(
        this.#suite,
        signer,
        {
          encryptionKey,
          signatureKey,
          credential,
          capabilities,
          extensions,
          leafNodeSource: LeafNodeSource.commit,
          parentHash,
        },
        position,
      ),
    );
    const sealed = await sealPath(this.#suite, ours, prepared, this.#context(ours), NOBODY);
    const path = decode(updatePath, encode(updatePath, sealed));
    const after = await this.#merge(sender, path);
    sameBytes(`${what}: tree hash`, after.treeHash(), ours.treeHash());
    for (const [receiver, member] of this.#receivers(sender)) {
      const { commitSecret } = await this.#open(after, member.keys.fork(), sender, path);
      sameBytes(`${what}: commit secret of leaf ${receiver}`, commitSecret, prepared.commitSecret.expose());
    }
    const own = keys.fork();
    prepared.installKeys(own);
    const nodes = own.entries().map(([node]) => node);
    same(`${what}: own keys`, nodes.join(), ownNodes(after, sender).join());
  }

  #receivers(sender: number): readonly (readonly [number, Member])[] {
    return [...this.#members].filter(([index]) => index !== sender);
  }

  async #merge(sender: number, path: UpdatePath): Promise<RatchetTree> {
    const after = this.#tree.fork();
    await mergePath(this.#suite, after, sender, path, NOBODY);
    verifyParentHashes(after);
    return after;
  }

  async #open(
    after: RatchetTree,
    keys: PrivateTree,
    sender: number,
    path: UpdatePath,
  ): Promise<{ readonly commitSecret: Uint8Array; readonly keys: PrivateTree }> {
    const context = this.#context(after);
    const { commitSecret } = await openPath(this.#suite, after, keys, sender, path, context, NOBODY);
    return { commitSecret: commitSecret.expose(), keys };
  }

  // The tree hash is that of the tree with the path in it; the epoch is as given.
  #context(tree: RatchetTree): Uint8Array {
    return encodeGroupContext({
      version: ProtocolVersion.mls10,
      cipherSuite: this.#suite.id,
      groupId: hex(this.#vector.group_id),
      epoch: uint64(this.#vector.epoch),
      treeHash: tree.treeHash(),
      confirmedTranscriptHash: hex(this.#vector.confirmed_transcript_hash),
      extensions: [],
    });
  }
}

/** What a committer knows the private keys of, ascending. */
function ownNodes(tree: RatchetTree, leafIndex: number): number[] {
  const path = tree.filteredDirectPath(leafIndex).map(({ node }) => node);
  return [leafToNode(leafIndex), ...path].sort((a, b) => a - b);
}
