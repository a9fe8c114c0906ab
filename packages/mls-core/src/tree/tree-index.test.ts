import type { CipherSuite } from "@openmls-ts/traits";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { equalBytes } from "@openmls-ts/traits";
import { suiteOf } from "../testing/suites.ts";
import { withHolder, withoutHolder } from "./holders.ts";
import { RatchetTree } from "./ratchet-tree.ts";
import { fakeKey, fakeLeaf } from "./testing/leaves.ts";
import { nodeWidth } from "./tree-math.ts";

let suite: CipherSuite;
beforeAll(async () => {
  suite = await suiteOf(1);
});

const KEYS = 4; // few, so that many share them

/** Compares what the index says with a walk over the tree. */
function expectExact(tree: RatchetTree): void {
  for (let number = 0; number < KEYS; number++) {
    const encryptionKey = fakeKey(1, number);
    const signatureKey = fakeKey(2, number);
    const holders = Array.from({ length: nodeWidth(tree.leafCount) }, (_, node) => node).filter((node) => {
      const key = tree.encryptionKey(node);
      return key !== undefined && equalBytes(key, encryptionKey);
    });
    const signers = [...tree.members()]
      .filter(([, leaf]) => equalBytes(leaf.signatureKey, signatureKey))
      .map(([leafIndex]) => leafIndex);
    expect([undefined, ...holders].includes(tree.nodeByEncryptionKey(encryptionKey))).toBe(true);
    expect(tree.nodeByEncryptionKey(encryptionKey) === undefined).toBe(holders.length === 0);
    expect(tree.leafBySignatureKey(signatureKey) === undefined).toBe(signers.length === 0);
    for (let node = 0; node < nodeWidth(tree.leafCount); node++) {
      const other = tree.otherHolder(encryptionKey, node);
      const others = holders.filter((holder) => holder !== node);
      expect(other === undefined ? others.length === 0 : others.includes(other)).toBe(true);
    }
    for (let leafIndex = 0; leafIndex < tree.leafCount; leafIndex++) {
      const other = tree.otherSigner(signatureKey, leafIndex);
      const others = signers.filter((signer) => signer !== leafIndex);
      expect(other === undefined ? others.length === 0 : others.includes(other)).toBe(true);
    }
  }
}

describe("keys of a tree", () => {
  it("are known with all their holders, whatever is changed in which order, and in forks", () => {
    const step = fc.record({
      change: fc.constantFrom("add", "update", "remove", "path", "fork", "drop"),
      at: fc.nat(15),
      encryption: fc.nat(KEYS - 1),
      signature: fc.nat(KEYS - 1),
      parent: fc.nat(KEYS - 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let tree = RatchetTree.create(suite, fakeLeaf(0));
        const kept: RatchetTree[] = [];
        for (const { change, at, encryption, signature, parent } of steps) {
          const leaf = fakeLeaf(at, {
            encryptionKey: fakeKey(1, encryption),
            signatureKey: fakeKey(2, signature),
          });
          const members = [...tree.members()];
          const [leafIndex] = members[at % members.length]!;
          if (change === "add") {
            tree.addLeaf(leaf);
          } else if (change === "update") {
            tree.updateLeaf(leafIndex, leaf);
          } else if (change === "remove" && members.length > 1) {
            tree.removeLeaf(leafIndex);
          } else if (change === "path") {
            const node = {
              encryptionKey: fakeKey(1, parent),
              parentHash: new Uint8Array(),
              unmergedLeaves: [],
            };
            tree.setPath(
              leafIndex,
              leaf,
              new Map(tree.filteredDirectPath(leafIndex).map((at) => [at.node, node])),
            );
          } else if (change === "fork") {
            kept.push(tree);
            tree = tree.fork();
          } else {
            tree = kept.pop() ?? tree;
          }
          expectExact(tree);
        }
        kept.forEach(expectExact);
      }),
      { numRuns: 60 },
    );
  });

  it("cost one step a holder, also where all are the same", () => {
    let holders = withHolder(undefined, 0);
    for (let node = 1; node < 100_000; node++) {
      holders = withHolder(holders, node);
    }
    expect(withoutHolder(withoutHolder(withHolder(7, 8), 8), 7)).toBeUndefined();
    expect(withoutHolder(7, 8)).toBe(7);
    expect(withoutHolder(holders, 50_000)).toBeDefined();
  });
});
