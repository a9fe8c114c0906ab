import { bytesToHex, type CipherSuite, DEFAULT_LIMITS, hexToBytes } from "@openmls-ts/traits";
import { setParent } from "./testing/edits.ts";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decode, encode } from "../codec/index.ts";
import { isProposal, type LeafNode, type Node, type ParentNode, proposal } from "../wire/index.ts";
import { NodeType, ProposalType } from "../registry.ts";
import { mlsError, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import { ratchetTree, ratchetTreeExtension, ratchetTreeOf } from "../wire/index.ts";
import { RatchetTree } from "./ratchet-tree.ts";
import { fakeKey, fakeLeaf } from "./testing/leaves.ts";
import { decodeTreeEntry, encodeTreeEntry, type TreeEntry } from "./tree-entry.ts";
import { directPath, isLeaf, nodeWidth } from "./tree-math.ts";

interface TreeOperation {
  readonly cipher_suite: number;
  readonly tree_before: string;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_hash_before: string;
  readonly tree_after: string;
  readonly tree_hash_after: string;
}

let suite: CipherSuite;
beforeAll(async () => {
  suite = await suiteOf(1);
});

function apply(tree: RatchetTree, bytes: Uint8Array, sender: number): void {
  const change = decode(proposal, bytes);
  if (isProposal(change, ProposalType.add)) {
    tree.addLeaf(change.keyPackage.leafNode);
  } else if (isProposal(change, ProposalType.update)) {
    tree.updateLeaf(sender, change.leafNode);
  } else if (isProposal(change, ProposalType.remove)) {
    tree.removeLeaf(change.removed);
  }
}

describe("tree operations", () => {
  itPasses(
    ["mls/tree-operations.json", "extra/mls-rs-tree-operations.json"],
    async (vector: TreeOperation) => {
      const nodes = decode(ratchetTree, hexToBytes(vector.tree_before));
      const tree = RatchetTree.fromNodes(await suiteOf(vector.cipher_suite), nodes, DEFAULT_LIMITS.maxLeaves);
      expect(bytesToHex(tree.treeHash())).toBe(vector.tree_hash_before);
      apply(tree, hexToBytes(vector.proposal), vector.proposal_sender);
      expect(bytesToHex(encode(ratchetTree, tree.exportNodes()))).toBe(vector.tree_after);
      expect(bytesToHex(tree.treeHash())).toBe(vector.tree_hash_after);
    },
  );
});

/** The same tree without anything cached. */
function rebuilt(tree: RatchetTree): RatchetTree {
  return RatchetTree.fromNodes(tree.suite, tree.exportNodes(), DEFAULT_LIMITS.maxLeaves);
}

function countBy(values: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function expectConsistent(tree: RatchetTree): void {
  expect(bytesToHex(tree.treeHash())).toBe(bytesToHex(rebuilt(tree).treeHash())); // trap16
  const members = [...tree.members()];
  expect(tree.memberCount).toBe(members.length);
  const blank = Array.from({ length: tree.leafCount + 1 }, (_, i) => i).find(
    (i) => tree.leaf(i) === undefined,
  );
  expect(tree.leftmostBlankLeaf()).toBe(blank);
  for (const [leafIndex, leaf] of members) {
    expect(tree.leafBySignatureKey(leaf.signatureKey)).toBe(leafIndex);
  }
  for (let node = 0; node < nodeWidth(tree.leafCount); node++) {
    const key = tree.encryptionKey(node);
    if (key !== undefined) {
      expect(tree.nodeByEncryptionKey(key)).toBe(node);
    }
  }
  expect(tree.credentialTypesInUse()).toEqual(
    countBy(members.map(([, leaf]) => leaf.credential.credentialType)),
  );
  for (const kind of ["versions", "cipherSuites", "extensions", "proposals", "credentials"] as const) {
    const listed = countBy(members.flatMap(([, leaf]) => [...new Set(leaf.capabilities[kind])]));
    for (const type of [1, 2, 3, 0xf001, 0xf002]) {
      expect(tree.supportCount(kind, type)).toBe(listed.get(type) ?? 0);
    }
  }
}

type Entries = Map<number, string>;

function stored(
  entries: Iterable<readonly [number, TreeEntry | undefined]>,
  into: Entries = new Map(),
): Entries {
  for (const [node, entry] of entries) {
    if (entry === undefined) {
      into.delete(node);
    } else {
      into.set(node, bytesToHex(encodeTreeEntry(node, entry)));
    }
  }
  return into;
}

function present(
  entries: Iterable<readonly [number, TreeEntry | undefined]>,
): (readonly [number, TreeEntry])[] {
  return [...entries].flatMap(([node, entry]) => (entry === undefined ? [] : [[node, entry] as const]));
}

interface Model {
  readonly tree: RatchetTree;
  next: number;
}

function play(model: Model, kind: number, pick: number): string {
  const { tree } = model;
  const members = [...tree.members()].map(([leafIndex]) => leafIndex);
  const member = members[pick % members.length]!;
  const number = ++model.next;
  const leaf = fakeLeaf(number, {
    capabilities: {
      ...fakeLeaf(0).capabilities,
      credentials: [1, 2],
      extensions: pick % 2 === 0 ? [0xf001, 0xf001] : [],
    },
    ...(pick % 3 === 0 ? { credential: { credentialType: 2, certificates: [] } } : {}),
  });
  if (kind === 0 && members.length > 1) {
    tree.removeLeaf(member);
    return "remove";
  }
  if (kind === 1) {
    tree.updateLeaf(member, leaf);
    return "update";
  }
  if (kind === 2) {
    const steps = tree.filteredDirectPath(member);
    const parents = steps.map(({ node }, at): [number, ParentNode] => [
      node,
      { encryptionKey: fakeKey(10 + at, number), parentHash: new Uint8Array(), unmergedLeaves: [] },
    ]);
    tree.setPath(member, leaf, new Map(parents));
    return "path";
  }
  tree.addLeaf(leaf);
  return "add";
}

describe("ratchet tree", () => {
  it("stays consistent through random histories, fork by fork", () => {
    const action = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat({ max: 1000 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 40 }), (actions) => {
        let model: Model = { tree: RatchetTree.create(suite, fakeLeaf(0)), next: 0 };
        const records = stored(model.tree.entries());
        for (const [kind, pick, keep] of actions) {
          const before = stored(model.tree.entries());
          const staged: Model = { tree: model.tree.fork(), next: model.next };
          play(staged, kind, pick);
          expectConsistent(staged.tree);
          expectConsistent(model.tree);
          expect(stored(model.tree.entries())).toEqual(before); // the fork left it alone
          if (keep) {
            stored(staged.tree.changedEntries(model.tree), records);
            expect(records).toEqual(stored(staged.tree.entries()));
            const replayed = model.tree.fork();
            replayed.applyEntries(staged.tree.leafCount, present(staged.tree.changedEntries(model.tree)));
            expect(stored(replayed.entries())).toEqual(records);
            expectConsistent(replayed);
            model = staged;
          } else {
            model.next = staged.next;
          }
        }
        const loaded = RatchetTree.fromEntries(
          suite,
          model.tree.leafCount,
          [...records].map(([node, hex]) => [node, decodeTreeEntry(node, hexToBytes(hex))] as const),
        );
        expectConsistent(loaded);
        expect(loaded.exportNodes()).toEqual(model.tree.exportNodes());
      }),
      { numRuns: 40 },
    );
  });

  it("gives new members the leftmost free leaves and enters them as unmerged (rfc50)", () => {
    const tree = RatchetTree.create(suite, fakeLeaf(0));
    for (const number of [1, 2, 3]) {
      tree.addLeaf(fakeLeaf(number));
    }
    tree.removeLeaf(1);
    for (const node of [3, 5]) {
      setParent(tree, node, {
        encryptionKey: fakeKey(9, node),
        parentHash: new Uint8Array(),
        unmergedLeaves: [],
      });
    }
    tree.removeLeaf(3);
    setParent(tree, 3, { encryptionKey: fakeKey(9, 3), parentHash: new Uint8Array(), unmergedLeaves: [] });
    expect([tree.leafCount, tree.leftmostBlankLeaf()]).toEqual([4, 1]);
    expect([4, 5, 6].map((number) => tree.addLeaf(fakeLeaf(number)))).toEqual([1, 3, 4]);
    expect(tree.parentNode(3)?.unmergedLeaves).toEqual([1, 3]);
    expect([tree.leafCount, tree.parentNode(7)]).toEqual([8, undefined]);
  });

  it("cuts the tree behind the rightmost member, whatever the order (rfc49, trap19)", () => {
    const full = RatchetTree.create(suite, fakeLeaf(0));
    for (let number = 1; number < 8; number++) {
      full.addLeaf(fakeLeaf(number));
    }
    const orders = [
      [4, 5, 6, 7],
      [7, 6, 5, 4],
      [5, 7, 4, 6],
    ];
    const hashes = orders.map((order) => {
      const tree = full.fork();
      for (const leafIndex of order) {
        tree.removeLeaf(leafIndex);
      }
      expect(tree.leafCount).toBe(4);
      tree.addLeaf(fakeLeaf(8));
      expect([tree.leafCount, tree.leaf(4)]).toEqual([8, fakeLeaf(8)]);
      return bytesToHex(tree.treeHash());
    });
    expect(new Set(hashes).size).toBe(1);
    expect(full.memberCount).toBe(8);
    const shrinking = full.fork();
    const sizes = [7, 6, 5, 4, 3, 2, 1].map((leafIndex) => {
      shrinking.removeLeaf(leafIndex);
      return shrinking.leafCount;
    });
    expect(sizes).toEqual([8, 8, 8, 4, 4, 2, 1]);
  });

  it("frees the keys of whoever leaves or changes (trap15)", () => {
    const tree = RatchetTree.create(suite, fakeLeaf(0));
    tree.addLeaf(fakeLeaf(1));
    tree.updateLeaf(1, fakeLeaf(2));
    expect(tree.nodeByEncryptionKey(fakeLeaf(1).encryptionKey)).toBeUndefined();
    expect(tree.leafBySignatureKey(fakeLeaf(1).signatureKey)).toBeUndefined();
    expect(tree.nodeByEncryptionKey(fakeLeaf(2).encryptionKey)).toBe(2);
    tree.removeLeaf(1);
    expect(tree.nodeByEncryptionKey(fakeLeaf(2).encryptionKey)).toBeUndefined();
    expect(tree.supportCount("credentials", 1)).toBe(1);
  });

  it("answers for any number from the wire", () => {
    const tree = RatchetTree.create(suite, fakeLeaf(0));
    tree.addLeaf(fakeLeaf(1));
    for (const index of [2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 40, -1, 0.5, Number.NaN, Infinity]) {
      expect(tree.leaf(index)).toBeUndefined();
      expect(tree.parentNode(index)).toBeUndefined();
      expect(() => tree.removeLeaf(index)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0701"));
      expect(() => tree.updateLeaf(index, fakeLeaf(3))).toThrow(mlsError("ERR_MLS_USAGE"));
      expect(() => tree.filteredDirectPath(index)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
    for (const index of [3, 2 ** 32 - 1, -1, 0.5]) {
      expect(() => tree.setPath(index, fakeLeaf(3), new Map())).toThrow(mlsError("ERR_MLS_USAGE"));
      expect(() => tree.treeHashOf(index)).toThrow(mlsError("ERR_MLS_USAGE"));
      expect(tree.resolution(index)).toEqual([]);
    }
  });

  it("strikes leaves from a resolution (trap17)", () => {
    const tree = RatchetTree.create(suite, fakeLeaf(0));
    for (let number = 1; number < 4; number++) {
      tree.addLeaf(fakeLeaf(number));
    }
    setParent(tree, 5, {
      encryptionKey: fakeKey(9, 5),
      parentHash: new Uint8Array(),
      unmergedLeaves: [2, 3],
    });
    expect(tree.resolution(3)).toEqual([0, 2, 5, 4, 6]);
    expect(tree.resolution(3, new Set([1, 2]))).toEqual([0, 5, 6]);
  });
});

describe("ratchet_tree extension", () => {
  const leaf = (number: number): Node => ({ nodeType: NodeType.leaf, leafNode: fakeLeaf(number) });
  const parent: Node = {
    nodeType: NodeType.parent,
    parentNode: { encryptionKey: fakeKey(9, 0), parentHash: new Uint8Array(), unmergedLeaves: [] },
  };
  const load = (nodes: readonly (Node | undefined)[], maxLeaves = 8): RatchetTree =>
    RatchetTree.fromNodes(suite, nodes, maxLeaves);

  it("must end with an occupied node (rfc110)", () => {
    for (const nodes of [[], [undefined], [leaf(0), undefined], [leaf(0), undefined, undefined]]) {
      expect(() => load(nodes)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc110"));
    }
    const tree = load([leaf(0), parent, leaf(1)]);
    tree.addLeaf(fakeLeaf(2));
    tree.addLeaf(fakeLeaf(3));
    tree.removeLeaf(3);
    expect(tree.exportNodes()).toHaveLength(5);
  });

  it("must have leaves and parents in their places (rfc111)", () => {
    for (const nodes of [
      [leaf(0), leaf(1), leaf(2)],
      [parent],
      [leaf(0), undefined, parent],
      [leaf(0), parent],
      [leaf(0), undefined, leaf(1), parent],
    ]) {
      expect(() => load(nodes)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc111"));
    }
    for (const length of [1, 3, 5, 11]) {
      const nodes = Array.from({ length }, (_, i) => (isLeaf(i) ? leaf(i) : undefined));
      expect(load(nodes).memberCount).toBe((length + 1) / 2);
    }
  });

  it("may not be larger than the limit, of which nothing is hashed before (trap10)", () => {
    const list = (leaves: number): (Node | undefined)[] =>
      Array.from({ length: 2 * leaves - 1 }, (_, i) => (isLeaf(i) ? leaf(i) : undefined));
    expect(load(list(7)).memberCount).toBe(7);
    const tree = load(list(8));
    expect(() => load(list(9))).toThrow(mlsError("ERR_MLS_LIMIT", "trap10"));
    expect(() => load([...list(8), parent])).toThrow(mlsError("ERR_MLS_LIMIT", "trap10"));
    expect(() => tree.addLeaf(fakeLeaf(99))).toThrow(mlsError("ERR_MLS_LIMIT", "trap10"));
    expect(tree.leafCount).toBe(8);
  });

  it("comes back from its extension", () => {
    const nodes = [leaf(0), parent, leaf(1), undefined, leaf(2)];
    expect(ratchetTreeOf([ratchetTreeExtension(nodes)])).toEqual(nodes);
    expect(ratchetTreeOf([])).toBeUndefined();
  });
});

describe("stored entries", () => {
  it("are refused by name when they do not make a tree", () => {
    const entry: TreeEntry = { node: undefined, hash: undefined };
    for (const leafCount of [0, 3, -1, 2 ** 30]) {
      expect(() => RatchetTree.fromEntries(suite, leafCount, [])).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    }
    const tree = RatchetTree.create(suite, fakeLeaf(0));
    expect(() => tree.applyEntries(3, [])).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    expect(() => tree.applyEntries(2, [[3, entry]])).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    for (const node of [7, -1, 0.5]) {
      expect(() => RatchetTree.fromEntries(suite, 4, [[node, entry]])).toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
    }
    for (const bytes of [new Uint8Array(), Uint8Array.of(4), Uint8Array.of(1), Uint8Array.of(0, 0)]) {
      expect(() => decodeTreeEntry(0, bytes)).toThrow(mlsError("ERR_MLS_DECODE"));
    }
  });

  it("load a large tree without hashing, and change it a path at a time", () => {
    let hashes = 0;
    const counting: CipherSuite = Object.create(suite, {
      hash: { value: (data: Uint8Array) => (hashes++, suite.hash(data)) },
    }) as CipherSuite;
    const leaves = 4096;
    const nodes = Array.from({ length: 2 * leaves - 1 }, (_, i): Node | undefined =>
      isLeaf(i) ? { nodeType: NodeType.leaf, leafNode: fakeLeaf(i) } : undefined,
    );
    const tree = RatchetTree.fromNodes(counting, nodes, leaves);
    tree.treeHash();
    expect(hashes).toBe(nodes.length);
    const loaded = RatchetTree.fromEntries(counting, leaves, tree.entries());
    hashes = 0;
    loaded.treeHash();
    expect(hashes).toBe(0);
    const changed: LeafNode = fakeLeaf(99_999);
    const fork = loaded.fork();
    fork.updateLeaf(17, changed);
    const path = [34, ...directPath(17, leaves)].sort((a, b) => a - b);
    expect([...fork.changedEntries(loaded)].map(([node]) => node)).toEqual(path);
    expect(hashes).toBe(path.length);
  });
});
