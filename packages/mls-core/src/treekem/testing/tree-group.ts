import { bytesToHex, type CipherSuite, concatBytes, type Secret, type Signer } from "@openmls-ts/traits";
import { expect } from "vitest";
import { basicCredential, type LeafNode, type LeafNodeOrigin, type UpdatePath } from "../../wire/index.ts";
import { LeafNodeSource } from "../../registry.ts";
import { freshSigner } from "../../testing/suites.ts";
import { signLeaf } from "../../tree/leaf-validation.ts";
import { verifyParentHashes } from "../../tree/parent-hash.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { checkTreeStructure, validateTreeLeaves } from "../../tree/tree-validation.ts";
import { mergePath, openPath } from "../apply-path.ts";
import { preparePath, sealPath } from "../create-path.ts";
import { checkKnownPath, installPathSecret } from "../install-path-secret.ts";
import { PrivateTree } from "../private-tree.ts";

export interface Member {
  readonly signer: Signer;
  tree: RatchetTree;
  privateTree: PrivateTree;
}

export interface Changes {
  readonly adds?: number;
  readonly removes?: readonly number[];
  readonly updates?: readonly number[];
  /** The committer joins by this commit. */
  readonly external?: boolean;
}

/** A path on its way to the others, with the tree that it is to be merged into. */
export interface SentPath {
  readonly committer: number;
  readonly path: UpdatePath;
  /** After the proposals. */
  readonly before: RatchetTree;
  /** After the path. */
  readonly after: RatchetTree;
  readonly groupContext: Uint8Array;
  readonly newLeaves: ReadonlySet<number>;
  readonly commitSecret: Secret;
}

/** The tree side of a group: members who change it and must agree, with nothing of messages around it. */
export class TreeGroup {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array = Uint8Array.of(7, 7, 7);
  readonly members: Map<number, Member> = new Map<number, Member>();

  private constructor(suite: CipherSuite) {
    this.suite = suite;
  }

  static async create(suite: CipherSuite): Promise<TreeGroup> {
    const group = new TreeGroup(suite);
    const signer = await freshSigner(suite);
    const { leaf, privateKey } = await group.freshLeaf(signer);
    group.members.set(0, {
      signer,
      tree: RatchetTree.create(suite, leaf),
      privateTree: PrivateTree.create(0, privateKey),
    });
    return group;
  }

  /** A leaf of source key_package with its private key. */
  async freshLeaf(signer: Signer): Promise<{ readonly leaf: LeafNode; readonly privateKey: Uint8Array }> {
    const { suite } = this;
    const keys = await suite.deriveKeyPair(suite.randomBytes(64));
    const lifetime = { notBefore: 0n, notAfter: 1n };
    const origin = { leafNodeSource: LeafNodeSource.keyPackage, lifetime };
    return { leaf: await this.#leaf(signer, 0, keys.publicKey, origin), privateKey: keys.privateKey };
  }

  /** The leaf that a commit puts at an index. */
  async commitLeaf(
    signer: Signer,
    leafIndex: number,
    encryptionKey: Uint8Array,
    parentHash: Uint8Array,
  ): Promise<LeafNode> {
    return this.#leaf(signer, leafIndex, encryptionKey, {
      leafNodeSource: LeafNodeSource.commit,
      parentHash,
    });
  }

  async #leaf(
    signer: Signer,
    leafIndex: number,
    encryptionKey: Uint8Array,
    origin: LeafNodeOrigin,
  ): Promise<LeafNode> {
    const { suite, groupId } = this;
    const unsigned = {
      encryptionKey,
      signatureKey: signer.publicKey,
      credential: basicCredential(signer.publicKey),
      capabilities: {
        versions: [1],
        cipherSuites: [suite.id],
        extensions: [],
        proposals: [],
        credentials: [1],
      },
      ...origin,
      extensions: [],
    };
    return signLeaf(suite, signer, unsigned, { groupId, leafIndex });
  }

  /** Somebody who is in the group. */
  member(pick: number): number {
    const indices = [...this.members.keys()];
    return indices[pick % indices.length]!;
  }

  get tree(): RatchetTree {
    return this.members.get(this.member(0))!.tree;
  }

  /** A commit with a path, which everybody processes and every newcomer joins; all must agree in the end. */
  async commit(committer: number, changes: Changes = {}): Promise<void> {
    const sent = await this.send(committer, changes);
    for (const leafIndex of changes.removes ?? []) {
      this.members.delete(leafIndex);
    }
    for (const [leafIndex, member] of this.members) {
      if (leafIndex !== sent.committer && !sent.newLeaves.has(leafIndex)) {
        await this.receive(leafIndex, member, sent);
      }
    }
    await this.checkAgreement();
  }

  /** Makes the commit and merges it at the committer and the newcomers. */
  async send(
    pick: number,
    { adds = 0, removes = [], updates = [], external = false }: Changes,
  ): Promise<SentPath> {
    const { suite, groupId } = this;
    const tree = this.members.get(this.member(0))!.tree.fork();
    for (const leafIndex of updates) {
      const { signer, privateTree } = this.members.get(leafIndex)!;
      const keys = await suite.deriveKeyPair(suite.randomBytes(64));
      const origin = { leafNodeSource: LeafNodeSource.update };
      tree.updateLeaf(leafIndex, await this.#leaf(signer, leafIndex, keys.publicKey, origin));
      privateTree.set(2 * leafIndex, keys.privateKey);
    }
    for (const leafIndex of removes) {
      tree.removeLeaf(leafIndex);
    }
    const newcomers = new Map<number, Member>();
    for (let count = 0; count < adds; count++) {
      const signer = await freshSigner(suite);
      const { leaf, privateKey } = await this.freshLeaf(signer);
      const leafIndex = tree.addLeaf(leaf);
      newcomers.set(leafIndex, { signer, tree, privateTree: PrivateTree.create(leafIndex, privateKey) });
    }
    const committer = external ? tree.leftmostBlankLeaf() : pick;
    const joiner: Member = {
      signer: await freshSigner(suite),
      tree,
      privateTree: PrivateTree.create(committer),
    };
    const self = external ? joiner : this.members.get(committer)!;
    const before = tree.fork();
    const prepared = await preparePath(suite, tree, committer, async (key, parentHash) =>
      this.commitLeaf(self.signer, committer, key, parentHash),
    );
    const groupContext = concatBytes(groupId, tree.treeHash());
    const newLeaves = new Set(newcomers.keys());
    const path = await sealPath(suite, tree, prepared, groupContext, newLeaves);
    const privateTree = self.privateTree.fork();
    privateTree.prune(tree);
    prepared.installKeys(privateTree);
    this.members.set(committer, { signer: self.signer, tree, privateTree });
    for (const [leafIndex, newcomer] of newcomers) {
      const nodes = tree.exportNodes();
      const joined = RatchetTree.fromNodes(suite, nodes, 1024);
      await installPathSecret(
        suite,
        joined,
        newcomer.privateTree,
        leafIndex,
        committer,
        prepared.pathSecretFor(leafIndex)!,
      );
      checkKnownPath(joined, newcomer.privateTree);
      this.members.set(leafIndex, { ...newcomer, tree: joined });
    }
    const commitSecret = prepared.commitSecret.clone();
    prepared.wipe();
    return { committer, path, before, after: tree, groupContext, newLeaves, commitSecret };
  }

  /** Processes a path at one of the other members. */
  async receive(leafIndex: number, member: Member, sent: SentPath): Promise<void> {
    const { suite } = this;
    const { committer, path, groupContext, newLeaves } = sent;
    const tree = sent.before.fork();
    await mergePath(suite, tree, committer, path, newLeaves);
    expect(bytesToHex(concatBytes(this.groupId, tree.treeHash()))).toBe(bytesToHex(groupContext));
    const privateTree = member.privateTree.fork();
    privateTree.prune(tree);
    const opened = await openPath(suite, tree, privateTree, committer, path, groupContext, newLeaves);
    expect(bytesToHex(opened.commitSecret.expose())).toBe(bytesToHex(sent.commitSecret.expose()));
    this.members.set(leafIndex, { signer: member.signer, tree, privateTree });
  }

  /** All trees are equal, everybody has exactly the right private keys, and a newcomer would accept the tree. */
  async checkAgreement(): Promise<void> {
    const { suite, groupId } = this;
    const hash = bytesToHex(this.tree.treeHash());
    for (const [leafIndex, { tree, privateTree }] of this.members) {
      expect(bytesToHex(tree.treeHash())).toBe(hash);
      expect(privateTree.key(2 * leafIndex)).toBeDefined();
      for (const [node, key] of privateTree.entries()) {
        await expectKeyPair(suite, key.expose(), tree.encryptionKey(node)!);
      }
    }
    const joined = RatchetTree.fromNodes(suite, this.tree.exportNodes(), 1024);
    checkTreeStructure(joined);
    verifyParentHashes(joined);
    await validateTreeLeaves(joined, { suite, groupId, groupContextExtensions: [] });
  }
}

/** Whether a private key opens what its public key seals. */
export async function expectKeyPair(
  suite: CipherSuite,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<void> {
  const nothing = new Uint8Array();
  const sealed = await suite.hpkeSealContext(nothing).seal(publicKey, nothing, Uint8Array.of(1));
  const opened = await suite.hpkeOpen(privateKey, sealed.kemOutput, nothing, nothing, sealed.ciphertext);
  expect(opened).toEqual(Uint8Array.of(1));
}
