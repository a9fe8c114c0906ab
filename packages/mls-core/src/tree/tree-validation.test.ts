import { bytesToHex, type CipherSuite, hexToBytes } from "@openmls-ts/traits";
import { setLeaf, setParent } from "./testing/edits.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { decode } from "../codec/index.ts";
import {
  type Extension,
  type LeafNode,
  type ParentNode,
  requiredCapabilitiesExtension,
} from "../wire/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { freshSigner, mlsError, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import { TreeGroup } from "../treekem/testing/tree-group.ts";
import { signLeaf, verifyLeafSignature } from "./leaf-validation.ts";
import { verifyParentHashes } from "./parent-hash.ts";
import { ratchetTree } from "../wire/index.ts";
import { RatchetTree } from "./ratchet-tree.ts";
import { fakeKey, fakeLeaf } from "./testing/leaves.ts";
import { checkTreeStructure, validateTreeLeaves } from "./tree-validation.ts";

interface TreeValidation {
  readonly cipher_suite: number;
  readonly tree: string;
  readonly group_id: string;
  readonly resolutions: readonly (readonly number[])[];
  readonly tree_hashes: readonly string[];
}

let suite: CipherSuite;
let group: TreeGroup;

// Ten members in a tree of 16, committed from both halves; leaves 10 and 11 came later and are unmerged.
beforeAll(async () => {
  suite = await suiteOf(1);
  group = await TreeGroup.create(suite);
  await group.commit(0, { adds: 9 });
  for (const committer of [3, 9, 6, 2]) {
    await group.commit(committer);
  }
});

/** A copy of the group's tree as a newcomer gets it. */
function received(): RatchetTree {
  const tree = RatchetTree.fromNodes(suite, group.tree.exportNodes(), 1024);
  tree.addLeaf(fakeLeaf(10));
  tree.addLeaf(fakeLeaf(11));
  return tree;
}

function patchParent(tree: RatchetTree, node: number, changes: Partial<ParentNode>): void {
  setParent(tree, node, { ...tree.parentNode(node)!, ...changes });
}

describe("tree validation", () => {
  itPasses(["mls/tree-validation.json"], async (vector: TreeValidation) => {
    const nodes = decode(ratchetTree, hexToBytes(vector.tree));
    const tree = RatchetTree.fromNodes(await suiteOf(vector.cipher_suite), nodes, 1024);
    expect(vector.resolutions.map((_, node) => tree.resolution(node))).toEqual(vector.resolutions);
    expect(vector.tree_hashes.map((_, node) => bytesToHex(tree.treeHashOf(node)))).toEqual(
      vector.tree_hashes,
    );
    checkTreeStructure(tree);
    verifyParentHashes(tree);
    const groupId = hexToBytes(vector.group_id);
    for (const [leafIndex, leaf] of tree.members()) {
      expect(await verifyLeafSignature(tree.suite, leaf, { groupId, leafIndex })).toBe(true);
    }
  });
});

describe("structure of a received tree", () => {
  it("passes as the group made it", () => {
    const tree = received();
    checkTreeStructure(tree);
    verifyParentHashes(tree);
    expect(tree.parentNode(15)?.unmergedLeaves).toEqual([10, 11]);
  });

  it("lists only members below a parent as unmerged (valn1408)", () => {
    for (const unmergedLeaves of [[0], [10, 11, 13], [10, 11, 16], [10, 11, 2 ** 32 - 1]]) {
      const tree = received();
      const [node] = tree
        .filteredDirectPath(9)
        .map((step) => step.node)
        .filter((at) => at > 15);
      patchParent(tree, node!, { unmergedLeaves });
      expect(() => checkTreeStructure(tree)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1408"));
    }
  });

  it("lists no blank leaf as unmerged, though it is below (valn1408)", () => {
    for (const node of [15, 23]) {
      const tree = received();
      expect(tree.leaf(13)).toBeUndefined();
      patchParent(tree, node, { unmergedLeaves: [10, 11, 13] });
      expect(() => checkTreeStructure(tree)).toThrow(/lists a blank leaf/);
      expect(() => checkTreeStructure(tree)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1408"));
    }
  });

  it("lists an unmerged leaf at every occupied node below (valn1409)", () => {
    const tree = received();
    patchParent(tree, 23, { unmergedLeaves: [11] });
    expect(() => checkTreeStructure(tree)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1409"));
  });

  it("has each encryption key once (valn0112, valn1410)", () => {
    const tree = received();
    setLeaf(tree, 11, { ...fakeLeaf(11), encryptionKey: tree.leaf(3)!.encryptionKey });
    expect(() => checkTreeStructure(tree)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0112"));
    for (const other of [6, 7]) {
      const reused = received();
      patchParent(reused, 15, { encryptionKey: reused.encryptionKey(other)! });
      expect(() => checkTreeStructure(reused)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1410"));
    }
  });

  it("has each signature key once, and for nothing else (valn0111, rfc54)", () => {
    const tree = received();
    setLeaf(tree, 11, { ...fakeLeaf(11), signatureKey: tree.leaf(3)!.signatureKey });
    expect(() => checkTreeStructure(tree)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0111"));
    const crossed = received();
    setLeaf(crossed, 11, { ...fakeLeaf(11), signatureKey: crossed.encryptionKey(15)! });
    expect(() => checkTreeStructure(crossed)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc54"));
  });
});

describe("parent hashes of a received tree", () => {
  const unlinked = mlsError("ERR_MLS_VALIDATION", "valn1406");

  it("bind the keys and the hashes of all parents (valn1406)", () => {
    const tree = received();
    for (let node = 1; node < 2 * tree.leafCount - 1; node += 2) {
      if (tree.parentNode(node) === undefined) {
        continue;
      }
      const otherKey = received();
      patchParent(otherKey, node, { encryptionKey: fakeKey(9, node) });
      expect(() => verifyParentHashes(otherKey)).toThrow(unlinked);
      const otherHash = received();
      patchParent(otherHash, node, { parentHash: fakeKey(9, node) });
      expect(() => verifyParentHashes(otherHash)).toThrow(unlinked);
    }
  });

  it("find a foreign key under a blank root or node (trap12)", () => {
    const tree = received();
    setParent(tree, 15, undefined);
    verifyParentHashes(tree);
    const foreign = { encryptionKey: fakeKey(9, 9), parentHash: new Uint8Array(), unmergedLeaves: [] };
    setParent(tree, 21, foreign);
    expect(() => verifyParentHashes(tree)).toThrow(unlinked);
    const below = received();
    setParent(below, 7, undefined);
    setParent(below, 9, foreign);
    expect(() => verifyParentHashes(below)).toThrow(unlinked);
  });

  it("do not take an empty hash for a link (trap12)", () => {
    const tree = received();
    for (const [leafIndex, leaf] of [...tree.members()]) {
      if (leaf.leafNodeSource === LeafNodeSource.commit) {
        setLeaf(tree, leafIndex, { ...leaf, parentHash: new Uint8Array() });
      }
    }
    expect(() => verifyParentHashes(tree)).toThrow(unlinked);
  });

  it("need a resolution without anybody but the unmerged (rfc53, trap14)", () => {
    const tree = received();
    patchParent(tree, 15, { unmergedLeaves: [11] }); // leaf 10 would then have been merged
    expect(() => verifyParentHashes(tree)).toThrow(unlinked);
    const extra = received();
    setLeaf(extra, 12, fakeLeaf(12)); // occupied, but unmerged nowhere
    expect(() => verifyParentHashes(extra)).toThrow(unlinked);
  });

  it("allow one chain through each parent (rfc53)", async () => {
    // Two members, each of whom put the same parent above itself: both halves carry its hash.
    const pair = await TreeGroup.create(suite);
    await pair.commit(0, { adds: 1 });
    const tree = pair.tree.fork();
    const first = tree.leaf(0)!;
    const swapped = RatchetTree.create(suite, tree.leaf(1)!);
    swapped.addLeaf(fakeLeaf(1));
    expect(first.leafNodeSource).toBe(LeafNodeSource.commit);
    verifyParentHashes(tree);
    // The hash that leaf 1 would carry covers leaf 0, and the other way round, so no two leaves can be honest about
    // it; with a hash that is constant they seem to be.
    const constant = Object.create(suite, { hash: { value: () => new Uint8Array(32) } }) as CipherSuite;
    const forged = RatchetTree.create(constant, { ...first, parentHash: new Uint8Array(32) } as LeafNode);
    forged.addLeaf({
      ...fakeLeaf(1),
      leafNodeSource: LeafNodeSource.commit,
      parentHash: new Uint8Array(32),
    });
    setParent(forged, 1, { encryptionKey: fakeKey(9, 1), parentHash: new Uint8Array(), unmergedLeaves: [] });
    expect(() => verifyParentHashes(forged)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc53"));
  });
});

describe("leaves of a received tree (valn1407)", () => {
  const validate = async (
    tree: RatchetTree,
    groupContextExtensions: readonly Extension[] = [],
  ): Promise<void> => validateTreeLeaves(tree, { suite, groupId: group.groupId, groupContextExtensions });

  it("pass as the group made them", async () => {
    await validate(group.tree);
    expect(group.tree.memberCount).toBe(10);
  });

  it("are all signed for this group and their place (valn0102)", async () => {
    const rule = mlsError("ERR_MLS_INVALID_SIGNATURE", "valn0102");
    const { signer } = group.members.get(4)!;
    const { leaf } = await group.freshLeaf(signer);
    const update = { ...leaf, leafNodeSource: LeafNodeSource.update };
    for (const position of [
      { groupId: group.groupId, leafIndex: 5 },
      { groupId: Uint8Array.of(1), leafIndex: 4 },
    ]) {
      const tree = group.tree.fork();
      tree.updateLeaf(4, await signLeaf(suite, signer, update, position));
      await expect(validate(tree)).rejects.toThrow(rule);
    }
    const tree = group.tree.fork();
    tree.updateLeaf(4, {
      ...leaf,
      signature: leaf.signature.map((byte, i) => (i === 7 ? 0xff ^ byte : byte)),
    });
    await expect(validate(tree)).rejects.toThrow(rule);
    const good = group.tree.fork();
    good.updateLeaf(4, await signLeaf(suite, signer, update, { groupId: group.groupId, leafIndex: 4 }));
    await validate(good);
  });

  it("say where a leaf breaks a rule", async () => {
    const required = { extensionTypes: [0xf001], proposalTypes: [], credentialTypes: [] };
    await expect(validate(group.tree, [requiredCapabilitiesExtension(required)])).rejects.toThrow(
      expect.objectContaining({ rule: "valn0103", details: { leafIndex: 0 } }) as Error,
    );
  });

  it("support one another's credentials (valn0104)", async () => {
    const tree = group.tree.fork();
    const { capabilities } = fakeLeaf(1);
    const changes = { credential: { credentialType: 2, certificates: [] } } as const;
    tree.updateLeaf(4, fakeLeaf(4, { ...changes, capabilities: { ...capabilities, credentials: [1, 2] } }));
    await expect(validate(tree)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0104"));
  });

  it("have keys of the cipher suite, as do the parents (rfc08)", async () => {
    const signer = await freshSigner(suite);
    const { leaf } = await group.freshLeaf(signer);
    const tree = group.tree.fork();
    tree.updateLeaf(4, await signLeaf(suite, signer, { ...leaf, encryptionKey: new Uint8Array(31) }));
    await expect(validate(tree)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc08"));
    const parents = group.tree.fork();
    patchParent(parents, 15, { encryptionKey: new Uint8Array(33) });
    await expect(validate(parents)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc08"));
  });
});
