import { bytesToHex, type CipherSuite } from "@openmls-ts/traits";
import { encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  isProposal,
  proposal,
  type Proposal,
  ratchetTree,
  updatePath,
} from "../../../packages/mls-core/src/wire/index.ts";
import { LeafNodeSource, ProposalType } from "../../../packages/mls-core/src/registry.ts";
import { nodeWidth, type RatchetTree, signLeaf } from "../../../packages/mls-core/src/tree/index.ts";
import { Draw } from "./draw.ts";
import { newPerson } from "./person.ts";
import { TreeGroup } from "./tree-group.ts";
import { type CaseSource, inTurn } from "./source.ts";

/** The formats of the ratchet tree and of TreeKEM. */

function exported(tree: RatchetTree): string {
  return bytesToHex(encode(ratchetTree, tree.exportNodes()));
}

function operation(group: TreeGroup, change: Proposal, sender: number): object {
  const after = group.tree.fork();
  if (isProposal(change, ProposalType.add)) {
    after.addLeaf(change.keyPackage.leafNode);
  } else if (isProposal(change, ProposalType.update)) {
    after.updateLeaf(sender, change.leafNode);
  } else if (isProposal(change, ProposalType.remove)) {
    after.removeLeaf(change.removed);
  }
  return {
    cipher_suite: group.suite.id,
    tree_before: exported(group.tree),
    proposal: bytesToHex(encode(proposal, change)),
    proposal_sender: sender,
    tree_hash_before: bytesToHex(group.tree.treeHash()),
    tree_after: exported(after),
    tree_hash_after: bytesToHex(after.treeHash()),
  };
}

/** Add to a tree that has to grow, and to a blank leaf; Update; Remove that halves the tree. */
export async function treeOperationsCases(suite: CipherSuite, { crypto }: CaseSource): Promise<object[]> {
  const draw = new Draw(`tree-operations ${suite.id}`);
  const newcomer = await newPerson("newcomer", crypto, suite.id);
  const { fields: keyPackage } = await newcomer.keyPackage();
  const add = { proposalType: ProposalType.add, keyPackage } as const;
  const two = await TreeGroup.create(suite, draw, 2);
  await two.commit(1);
  const three = await TreeGroup.create(suite, draw, 3);
  await three.commit(0);
  const { credential, capabilities, extensions, signatureKey } = two.tree.leaf(0)!;
  const { publicKey } = await suite.deriveKeyPair(draw.bytes(suite.params.kdf.hashLength));
  const unsigned = {
    encryptionKey: publicKey,
    credential,
    capabilities,
    extensions,
    signatureKey,
    leafNodeSource: LeafNodeSource.update,
  };
  const position = { groupId: two.groupId, leafIndex: 0 };
  const leafNode = await signLeaf(suite, two.members.get(0)!.signer, unsigned, position);
  const operations: readonly (readonly [TreeGroup, Proposal, number])[] = [
    [two, { proposalType: ProposalType.update, leafNode }, 0],
    [two, add, 0],
    [three, add, 1],
    [three, { proposalType: ProposalType.remove, removed: 2 }, 0],
  ];
  return inTurn(suite, operations).map((chosen) => operation(...chosen));
}

/** Blank leaves and parents, an unmerged leaf, and paths of different age. */
async function mixedTree(suite: CipherSuite, draw: Draw, size: number): Promise<TreeGroup> {
  const group = await TreeGroup.create(suite, draw, size);
  await group.commit(0);
  await group.commit(size - 1);
  group.remove(1);
  await group.commit(2);
  await group.add();
  return group;
}

export async function treeValidationCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`tree-validation ${suite.id}`);
  const { tree, groupId } = await mixedTree(suite, draw, 4);
  const nodes = Array.from({ length: nodeWidth(tree.leafCount) }, (_, node) => node);
  return [
    {
      cipher_suite: suite.id,
      tree: exported(tree),
      group_id: bytesToHex(groupId),
      resolutions: nodes.map((node) => tree.resolution(node)),
      tree_hashes: nodes.map((node) => bytesToHex(tree.treeHashOf(node))),
    },
  ];
}

export async function treeKemCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`treekem ${suite.id}`);
  const group = await mixedTree(suite, draw, 4);
  const context = { epoch: 9n, confirmedTranscriptHash: draw.bytes(suite.params.kdf.hashLength) };
  const paths: object[] = [];
  for (const sender of inTurn(suite, [...group.members.keys()])) {
    const after = group.tree.fork();
    const prepared = await group.prepare(after, sender);
    const path = await group.seal(after, prepared, context);
    const secrets = Array.from({ length: after.leafCount }, (_, leaf) =>
      leaf === sender || after.leaf(leaf) === undefined ? undefined : prepared.pathSecretFor(leaf),
    );
    paths.push({
      sender,
      update_path: bytesToHex(encode(updatePath, path)),
      path_secrets: secrets.map((secret) => (secret === undefined ? null : bytesToHex(secret.expose()))),
      commit_secret: bytesToHex(prepared.commitSecret.expose()),
      tree_hash_after: bytesToHex(after.treeHash()),
    });
  }
  return [
    {
      cipher_suite: suite.id,
      group_id: bytesToHex(group.groupId),
      epoch: Number(context.epoch),
      confirmed_transcript_hash: bytesToHex(context.confirmedTranscriptHash),
      ratchet_tree: exported(group.tree),
      leaves_private: [...group.members].map(([index, member]) => ({
        index,
        encryption_priv: bytesToHex(member.encryptionPrivateKey),
        signature_priv: bytesToHex(member.signaturePrivateKey),
        path_secrets: [...member.pathSecrets].map(([node, secret]) => ({
          node,
          path_secret: bytesToHex(secret),
        })),
      })),
      update_paths: paths,
    },
  ];
}
