import type { CipherSuite } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { altered, suiteOf } from "../testing/suites.ts";
import { RatchetTree } from "./ratchet-tree.ts";
import { fakeLeaf } from "./testing/leaves.ts";

/** A tree of these leaves, from left to right. */
function treeOf(suite: CipherSuite, ...numbers: readonly number[]): RatchetTree {
  const [first, ...others] = numbers.map((number) => fakeLeaf(number));
  const tree = RatchetTree.create(suite, first!);
  others.forEach((leaf) => tree.addLeaf(leaf));
  return tree;
}

describe("tree hashes (RFC 9420 §7.8)", () => {
  it("tell the place of a leaf, and a blank from a leaf (rfc51)", async () => {
    const suite = await suiteOf(1);
    const tree = treeOf(suite, 1, 2, 3);
    expect(treeOf(suite, 1, 2, 3).treeHash()).toEqual(tree.treeHash());
    expect(treeOf(suite, 2, 1, 3).treeHash()).not.toEqual(tree.treeHash());
    const blanked = tree.fork();
    blanked.removeLeaf(1);
    expect(blanked.treeHash()).not.toEqual(tree.treeHash());
    expect(blanked.treeHash()).not.toEqual(treeOf(suite, 1, 3).treeHash());
  });

  it("take one hash a node, and a change one a level (trap18)", async () => {
    const suite = await suiteOf(1);
    let hashes = 0;
    const counting = altered(suite, {
      hash: (data: Uint8Array) => {
        hashes += 1;
        return suite.hash(data);
      },
    });
    const count = (work: () => unknown): number => {
      hashes = 0;
      work();
      return hashes;
    };
    const counts = [256, 512, 1024].map((size) => {
      const tree = treeOf(counting, ...Array.from({ length: size }, (_, i) => i));
      const whole = count(() => tree.treeHash());
      const one = count(() => {
        tree.updateLeaf(5, fakeLeaf(size + 1));
        tree.treeHash();
      });
      return { whole, one };
    });
    expect(counts.map(({ whole }) => whole)).toEqual([511, 1023, 2047]);
    expect(counts.map(({ one }) => one)).toEqual([9, 10, 11]);
  });
});
