import { bytesToHex, type CipherSuite, Secret } from "@openmls-ts/traits";
import { beforeEach, describe, expect, it } from "vitest";
import { isLeft, type Recorded, recordingSuite } from "../testing/recording-suite.ts";
import { altered, suiteOf } from "../testing/suites.ts";
import { mergePath, openPath } from "./apply-path.ts";
import { preparePath, sealPath } from "./create-path.ts";
import { installPathSecret } from "./install-path-secret.ts";
import { derivePath } from "./path-secret.ts";
import { PrivateTree } from "./private-tree.ts";
import { type SentPath, TreeGroup } from "./testing/tree-group.ts";

describe("paths erase what they have used (rfc66, trap33)", () => {
  let suite: CipherSuite;
  let recorded: Recorded[];
  let group: TreeGroup;
  let sent: SentPath;
  const left = (): string[] => recorded.filter(isLeft).map(({ from }) => from);

  beforeEach(async () => {
    const base = await suiteOf(1);
    ({ suite, recorded } = recordingSuite(base));
    group = await TreeGroup.create(base);
    await group.commit(0, { adds: 7 });
    await group.commit(5);
    sent = await group.send(0, { adds: 1 });
    recorded.length = 0;
  });

  function failingAt(call: number): CipherSuite {
    let calls = 0;
    return altered(suite, {
      deriveKeyPair: async (input) => {
        if (++calls === call) {
          throw new RangeError("failed");
        }
        return suite.deriveKeyPair(input);
      },
    });
  }

  async function open(on: CipherSuite, privateTree: PrivateTree): Promise<Secret> {
    const { after, path, groupContext, newLeaves } = sent;
    return (await openPath(on, after, privateTree, 0, path, groupContext, newLeaves)).commitSecret;
  }

  it("the path secret that was received, and those that follow from it", async () => {
    const privateTree = group.members.get(6)!.privateTree.fork();
    const commitSecret = await open(suite, privateTree);
    expect(recorded.map(({ from }) => from)).toEqual(expect.arrayContaining(["hpkeOpen", "hkdfExpand node"]));
    expect(left().sort()).toEqual(["deriveKeyPair", "deriveKeyPair", "hkdfExpand path"]); // nodes 7, 15; commit secret
    commitSecret.wipe();
    privateTree.wipe();
    expect(left()).toEqual([]);
  });

  it.each([1, 2])("all of it when key pair %i of a received path fails", async (call) => {
    const privateTree = group.members.get(6)!.privateTree.fork();
    await expect(open(failingAt(call), privateTree)).rejects.toThrow(RangeError);
    expect(recorded.length).toBeGreaterThan(3);
    expect(left()).toEqual([]);
  });

  it("all of it when the keys are not those of the tree", async () => {
    const { before, committer, path, newLeaves, groupContext } = sent;
    const other = before.fork(); // the path is not merged
    await mergePath(suite, before.fork(), committer, path, newLeaves);
    const privateTree = group.members.get(6)!.privateTree.fork();
    await expect(openPath(suite, other, privateTree, 0, path, groupContext, newLeaves)).rejects.toThrow();
    expect(recorded.map(({ from }) => from)).toContain("deriveKeyPair");
    expect(left()).toEqual([]);
  });

  it("the path secret of a Welcome", async () => {
    const secret = new Secret(new Uint8Array(32).fill(3));
    const privateTree = PrivateTree.create(8, new Uint8Array(32));
    await expect(installPathSecret(suite, sent.after, privateTree, 8, 0, secret)).rejects.toThrow();
    expect(recorded.length).toBeGreaterThan(2);
    expect(left()).toEqual([]);
    expect(secret).toHaveLength(32); // the caller's
  });

  it("all of a prepared path", async () => {
    const { after, groupContext } = sent;
    const tree = after.fork();
    const makeLeaf = group.commitLeaf.bind(group, group.members.get(2)!.signer, 2);
    const prepared = await preparePath(suite, tree, 2, makeLeaf);
    await sealPath(suite, tree, prepared, groupContext, new Set());
    const privateTree = group.members.get(2)!.privateTree.fork();
    prepared.installKeys(privateTree);
    const { commitSecret } = prepared;
    expect(left().filter((from) => from === "randomBytes")).toHaveLength(1); // the first path secret
    prepared.wipe();
    expect(left()).toEqual([]);
    expect(commitSecret).toHaveLength(0);
    expect(privateTree.entries().every(([, key]) => bytesToHex(key.expose()) !== "00".repeat(32))).toBe(true);
  });

  it.each([1, 2, 4])("all of a path of ours when key pair %i fails", async (call) => {
    const makeLeaf = group.commitLeaf.bind(group, group.members.get(2)!.signer, 2);
    await expect(preparePath(failingAt(call), sent.after.fork(), 2, makeLeaf)).rejects.toThrow(RangeError);
    expect(recorded.length).toBeGreaterThan(0);
    expect(left()).toEqual([]);
  });

  it("all of a path of ours whose leaf is not made", async () => {
    const refusing = preparePath(suite, sent.after.fork(), 2, async () =>
      Promise.reject(new RangeError("no")),
    );
    await expect(refusing).rejects.toThrow(RangeError);
    expect(recorded.length).toBeGreaterThan(9);
    expect(left()).toEqual([]);
  });

  it("all of a derived path", async () => {
    const first = new Uint8Array(32).fill(1);
    (await derivePath(suite, first, 3)).wipe();
    expect(first).toEqual(new Uint8Array(32));
    expect(left()).toEqual([]);
  });
});
