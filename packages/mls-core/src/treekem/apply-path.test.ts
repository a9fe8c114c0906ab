import { type CipherSuite, Secret } from "@openmls-ts/traits";
import { blankPath, setParent } from "../tree/testing/edits.ts";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeafNodeSource } from "../registry.ts";
import { mlsError, suiteOf } from "../testing/suites.ts";
import { type LeafNode, type UpdatePath, type UpdatePathNode } from "../wire/index.ts";
import { fakeKey } from "../tree/testing/leaves.ts";
import { mergePath, openPath } from "./apply-path.ts";
import { checkKnownPath, installPathSecret } from "./install-path-secret.ts";
import { nextPathSecret } from "./path-secret.ts";
import { PrivateTree } from "./private-tree.ts";
import { type SentPath, TreeGroup } from "./testing/tree-group.ts";

let suite: CipherSuite;
let group: TreeGroup;
let sent: SentPath;

beforeAll(async () => {
  suite = await suiteOf(1);
});

// Eight members; the path of member 0 adds a ninth. Its nodes are 1, 3, 7 and 15.
beforeEach(async () => {
  group = await TreeGroup.create(suite);
  await group.commit(0, { adds: 7 });
  await group.commit(5);
  sent = await group.send(0, { adds: 1 });
});

async function merge(path: UpdatePath): Promise<void> {
  await mergePath(suite, sent.before.fork(), sent.committer, path, sent.newLeaves);
}

function withNode(at: number, changes: Partial<UpdatePathNode>): UpdatePath {
  const nodes = sent.path.nodes.map((node, i) => (i === at ? { ...node, ...changes } : node));
  return { ...sent.path, nodes };
}

function withLeaf(changes: Partial<LeafNode>): UpdatePath {
  return { ...sent.path, leafNode: { ...sent.path.leafNode, ...changes } as LeafNode };
}

async function open(
  leafIndex: number,
  path: UpdatePath,
  context: Uint8Array = sent.groupContext,
): Promise<PrivateTree> {
  const privateTree = group.members.get(leafIndex)!.privateTree.fork();
  privateTree.prune(sent.after);
  await openPath(suite, sent.after, privateTree, sent.committer, path, context, sent.newLeaves);
  return privateTree;
}

describe("merging a path", () => {
  it("wants one node for each of the filtered direct path (rfc44)", async () => {
    const { nodes } = sent.path;
    for (const wrong of [nodes.slice(0, -1), [...nodes, nodes[0]!], []]) {
      await expect(merge({ ...sent.path, nodes: wrong })).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "rfc44"),
      );
    }
    await merge(sent.path);
  });

  it("wants one ciphertext for each recipient, and none for newcomers (valn1101)", async () => {
    const rule = mlsError("ERR_MLS_VALIDATION", "valn1101");
    for (const [at, { encryptedPathSecret: list }] of sent.path.nodes.entries()) {
      const extra = sent.path.nodes[0]!.encryptedPathSecret[0]!;
      await expect(merge(withNode(at, { encryptedPathSecret: [...list, extra] }))).rejects.toThrow(rule);
      if (list.length > 0) {
        await expect(merge(withNode(at, { encryptedPathSecret: list.slice(1) }))).rejects.toThrow(rule);
      }
    }
    expect(sent.path.nodes.at(-1)!.encryptedPathSecret).toHaveLength(0); // the newcomer is alone on its side
  });

  it("wants a new leaf key (valn1208)", async () => {
    const { encryptionKey } = sent.before.leaf(0)!;
    await expect(merge(withLeaf({ encryptionKey }))).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1208"),
    );
  });

  it("wants keys that occur nowhere else (valn0112, valn1209)", async () => {
    const rule = mlsError("ERR_MLS_VALIDATION", "valn1209");
    const newcomer = [...sent.newLeaves][0]!;
    const parentKey = [11, 9]
      .map((node) => sent.before.encryptionKey(node))
      .find((key) => key !== undefined)!;
    const member = sent.before.leaf(3)!.encryptionKey;
    await expect(merge(withLeaf({ encryptionKey: member }))).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0112"),
    );
    await expect(merge(withLeaf({ encryptionKey: parentKey }))).rejects.toThrow(rule);
    for (const encryptionKey of [
      member,
      parentKey,
      sent.before.leaf(newcomer)!.encryptionKey,
      sent.path.leafNode.encryptionKey,
      sent.path.nodes[0]!.encryptionKey,
    ]) {
      await expect(merge(withNode(2, { encryptionKey }))).rejects.toThrow(rule);
    }
  });

  it("wants no key with two purposes, and no signature key of another member (rfc54, valn0111)", async () => {
    const { signatureKey } = sent.before.leaf(3)!;
    const crossed = mlsError("ERR_MLS_VALIDATION", "rfc54");
    await expect(merge(withNode(1, { encryptionKey: signatureKey }))).rejects.toThrow(crossed);
    await expect(merge(withLeaf({ encryptionKey: signatureKey }))).rejects.toThrow(crossed);
    const { encryptionKey } = sent.path.nodes[1]!;
    await expect(merge(withLeaf({ signatureKey: encryptionKey }))).rejects.toThrow(crossed);
    await expect(merge(withLeaf({ signatureKey: sent.before.encryptionKey(2)! }))).rejects.toThrow(crossed);
    await expect(merge(withLeaf({ signatureKey }))).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0111"),
    );
  });

  it("wants keys of the cipher suite (rfc08)", async () => {
    for (const length of [0, 31, 33]) {
      const encryptionKey = new Uint8Array(length).fill(9);
      const rule = mlsError("ERR_MLS_VALIDATION", "rfc08");
      await expect(merge(withNode(1, { encryptionKey }))).rejects.toThrow(rule);
      await expect(merge(withLeaf({ encryptionKey }))).rejects.toThrow(rule);
    }
  });

  it("recomputes the parent hash (rfc52, trap39)", async () => {
    const rule = mlsError("ERR_MLS_VALIDATION", "rfc52");
    for (const parentHash of [new Uint8Array(), new Uint8Array(32), fakeKey(1, 1)]) {
      await expect(merge(withLeaf({ parentHash }))).rejects.toThrow(rule);
    }
    await expect(merge(withNode(3, { encryptionKey: fakeKey(1, 1) }))).rejects.toThrow(rule);
    const update = withLeaf({ leafNodeSource: LeafNodeSource.update });
    await expect(merge(update)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0110"));
  });

  it("refuses a committer from nowhere", async () => {
    for (const committer of [99, -1, 2 ** 32 - 1]) {
      const merging = mergePath(suite, sent.before.fork(), committer, sent.path, sent.newLeaves);
      await expect(merging).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });
});

describe("opening a path", () => {
  it("fails on a ciphertext for somebody else (valn1101)", async () => {
    const at = sent.path.nodes.findIndex(({ encryptedPathSecret }) => encryptedPathSecret.length > 1);
    const { encryptedPathSecret } = sent.path.nodes[at]!;
    const swapped = withNode(at, { encryptedPathSecret: [...encryptedPathSecret].reverse() });
    const failing = [1, 2, 3, 4, 5, 6, 7].map(async (leafIndex) =>
      open(leafIndex, swapped).then(
        () => 0,
        () => 1,
      ),
    );
    expect((await Promise.all(failing)).reduce<number>((sum, failed) => sum + failed, 0)).toBeGreaterThan(1);
  });

  it("fails under another context (rfc47)", async () => {
    const context = sent.groupContext.map((byte, i) => (i === 3 ? 0xff ^ byte : byte));
    await expect(open(6, sent.path, context)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
  });

  it("wants the derived keys to be those of the tree, up to the root (rfc46)", async () => {
    const wrong = sent.after.fork();
    const top = { ...wrong.parentNode(15)!, encryptionKey: fakeKey(5, 5) };
    setParent(wrong, 15, top);
    const privateTree = group.members.get(6)!.privateTree.fork();
    const before = privateTree.fork();
    const opening = openPath(suite, wrong, privateTree, 0, sent.path, sent.groupContext, sent.newLeaves);
    await expect(opening).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc46"));
    expect(privateTree.changed(before)).toEqual([]);
  });

  it("is not for the committer, newcomers or strangers", async () => {
    for (const leafIndex of [0, 8]) {
      await expect(open(leafIndex, sent.path)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
    const stranger = PrivateTree.create(6);
    const opening = openPath(suite, sent.after, stranger, 0, sent.path, sent.groupContext, sent.newLeaves);
    await expect(opening).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("replaces the keys of the path and drops those of blank nodes (rfc48)", async () => {
    const old = group.members.get(1)!.privateTree;
    const opened = await open(1, sent.path);
    const changed = opened.changed(old);
    expect(changed.map(([node]) => node)).toEqual(expect.arrayContaining([1, 3, 7, 15]));
    expect(opened.entries().every(([node]) => sent.after.encryptionKey(node) !== undefined)).toBe(true);
  });
});

describe("the path secret of a Welcome", () => {
  const newTree = (): PrivateTree => PrivateTree.create(8, new Uint8Array(32));

  it("must yield the keys of all nodes from the common ancestor upwards (rfc106)", async () => {
    const rule = mlsError("ERR_MLS_VALIDATION", "rfc106");
    const installing = async (secret: Uint8Array, own = 8, signer = 0): Promise<void> =>
      installPathSecret(suite, sent.after, newTree(), own, signer, new Secret(secret));
    const wrong = new Uint8Array(32).fill(3);
    await expect(installing(wrong)).rejects.toThrow(rule);
    await expect(installing(nextPathSecret(suite, wrong))).rejects.toThrow(rule);
    for (const [own, signer] of [
      [8, 8],
      [8, 99],
      [9, 0],
      [2 ** 32 - 1, 0],
      [8, 2 ** 32 - 1],
    ] as const) {
      await expect(installing(wrong, own, signer)).rejects.toThrow(rule);
    }
  });

  it("must not be there when the common ancestor is blank (rfc106)", async () => {
    const blank = sent.after.fork();
    blankPath(blank, 8);
    const installing = installPathSecret(suite, blank, newTree(), 8, 0, new Secret(new Uint8Array(32)));
    await expect(installing).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc106"));
  });
});

describe("what a joiner must know", () => {
  it("is every key above it but those of nodes that it is unmerged in (rfc106)", async () => {
    const rule = mlsError("ERR_MLS_VALIDATION", "rfc106");
    const known = group.members.get(8)!.privateTree;
    expect(known.entries().map(([node]) => node)).toEqual([15, 16]);
    checkKnownPath(sent.after, known);
    expect(() => {
      checkKnownPath(sent.after, PrivateTree.create(8, new Uint8Array(32)));
    }).toThrow(rule);
    const partial = group.members.get(1)!.privateTree.fork();
    await openPath(suite, sent.after, partial, 0, sent.path, sent.groupContext, sent.newLeaves);
    checkKnownPath(sent.after, partial);
    partial.delete(7);
    expect(() => {
      checkKnownPath(sent.after, partial);
    }).toThrow(rule);
  });

  it("is its leaf's key alone after a commit without a path", () => {
    const tree = sent.after.fork();
    const { leafNode } = sent.path;
    const unmerged = tree.addLeaf({ ...leafNode, encryptionKey: fakeKey(3, 3), signatureKey: fakeKey(4, 4) });
    checkKnownPath(tree, PrivateTree.create(unmerged, new Uint8Array(32)));
    expect(tree.parentNode(15)!.unmergedLeaves).toContain(unmerged);
  });
});

describe("private tree", () => {
  it.each([
    ["a cut key", 7, 31],
    ["a long key", 7, 33],
    ["no key", 7, 0],
    ["a node beside the path", 9, 32],
    ["another leaf", 2, 32],
  ])("does not load with %s", (_, node, length) => {
    const [own, other] = [new Uint8Array(32).fill(1), new Uint8Array(length).fill(1)];
    const load = (): PrivateTree =>
      PrivateTree.fromEntries(suite, 0, [
        [0, own],
        [node, other],
      ]);
    expect(load).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    expect(own).toEqual(new Uint8Array(32));
  });

  it("loads its leaf's key and those above it, once each", () => {
    const key = (): Uint8Array => new Uint8Array(32).fill(1);
    const loaded = PrivateTree.fromEntries(suite, 1, [
      [7, key()],
      [2, key()],
      [1, key()],
    ]);
    expect(loaded.entries().map(([node]) => node)).toEqual([1, 2, 7]);
    expect(() =>
      PrivateTree.fromEntries(suite, 1, [
        [2, key()],
        [2, key()],
      ]),
    ).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
  });

  it("wipes what is replaced and what is deleted (rfc48, trap33)", () => {
    const [replaced, deleted] = [Uint8Array.of(1), Uint8Array.of(2)];
    const tree = PrivateTree.create(0, replaced);
    tree.set(1, deleted);
    tree.set(0, Uint8Array.of(3));
    tree.delete(1);
    expect([replaced, deleted]).toEqual([Uint8Array.of(0), Uint8Array.of(0)]);
  });

  it("has copies of its own in every fork, and knows what changed", () => {
    const key = new Uint8Array(4).fill(1);
    const tree = PrivateTree.create(0, key);
    tree.set(1, Uint8Array.of(2));
    const fork = tree.fork();
    fork.set(1, Uint8Array.of(3));
    fork.set(7, Uint8Array.of(4));
    fork.delete(0);
    expect(fork.changed(tree).map(([node, secret]) => [node, secret?.expose()[0]])).toEqual([
      [0, undefined],
      [1, 3],
      [7, 4],
    ]);
    expect(tree.entries().map(([node, secret]) => [node, secret.expose()[0]])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    tree.wipe();
    expect(key).toEqual(new Uint8Array(4)); // taken over, and wiped (trap33)
    expect([tree.key(0), fork.key(7)?.length]).toEqual([undefined, 1]);
  });
});
