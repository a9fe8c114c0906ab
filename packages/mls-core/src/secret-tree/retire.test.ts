import { bytesToHex } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { mlsError } from "../testing/suites.ts";
import { SecretTree, type TreeRecord } from "./index.ts";
import { nodeId } from "./record-format.ts";
import { create, dump, KINDS, LIMITS, Store, suite, use } from "./testing/trees.ts";

const LEAVES = 8;
const OWN = 2;
const COMMITTER = 5;
const GENERATIONS = 4;

/** Every message key that somebody with these records can derive, as "leaf kind generation". */
function derivable(records: readonly TreeRecord[]): Set<string> {
  const found = new Set<string>();
  for (let leaf = 0; leaf < LEAVES; leaf++) {
    for (const kind of KINDS) {
      for (let generation = 0; generation < GENERATIONS; generation++) {
        // All together, and the node secrets without the ratchets that would stand in front of them.
        for (const given of [records, records.filter(({ id }) => id[0] === 0)]) {
          try {
            SecretTree.fromRecords(suite, LEAVES, LIMITS, given).peek(leaf, kind, generation).wipe();
            found.add(`${leaf} ${kind} ${generation}`);
          } catch {
            // not derivable this way
          }
        }
      }
    }
  }
  return found;
}

function keysOf(found: ReadonlySet<string>, leaf: number, kind: string): number {
  return [...found].filter((name) => name.startsWith(`${leaf} ${kind}`)).length;
}

describe("an epoch that ends", () => {
  it.each([
    ["nobody has spoken in", []],
    ["the committer has spoken in", [COMMITTER]],
    ["its owner has spoken in", [OWN]],
    ["everybody has spoken in", [0, 1, 2, 3, 4, 5, 6, 7]],
  ] as const)("%s keeps what opens late application messages of others (rfc66)", (_, speakers) => {
    const tree = create(LEAVES);
    const store = new Store(tree);
    for (const leaf of speakers) {
      for (const kind of KINDS) {
        store.save(tree, tree.peek(leaf, kind, 1)); // 0 is a skipped key
      }
    }
    store.save(tree, tree.retire({ ownLeaf: OWN, used: { leafIndex: COMMITTER } }));
    expect(store.dump()).toEqual(dump(tree.all()));
    const found = derivable(tree.all());
    for (const kind of KINDS) {
      expect(keysOf(found, OWN, kind)).toBe(0);
    }
    expect(keysOf(found, COMMITTER, "handshake")).toBe(0);
    for (let leaf = 0; leaf < LEAVES; leaf++) {
      const used = (speakers as readonly number[]).includes(leaf);
      if (used) {
        expect(keysOf(found, leaf, "handshake")).toBe(0);
      }
      if (leaf !== OWN) {
        expect(keysOf(found, leaf, "application")).toBe(used ? GENERATIONS - 1 : GENERATIONS);
      }
    }
  });

  it("changes O(log n) records where nobody has spoken", () => {
    const tree = create(2 ** 16);
    const { puts, deletes } = new Store(tree).save(
      tree,
      tree.retire({ ownLeaf: 0, used: { leafIndex: 2 ** 16 - 1 } }),
    );
    expect(puts).toBe(31); // 15 beside each of the two paths below the root, and the committer's application ratchet
    expect(deletes).toBe(1);
  });

  it("gives up no other member's secrets after a commit in the clear", () => {
    const tree = create(4);
    tree.apply(tree.retire({ ownLeaf: 0 }));
    expect(
      tree
        .all()
        .map(({ id }) => bytesToHex(id))
        .sort(),
    ).toEqual([nodeId(2), nodeId(5)].map(bytesToHex));
  });

  it("refuses what it gave up as consumed, and reads on (rfc65)", () => {
    const tree = create(4);
    use(tree, tree.peek(1, "application", 1));
    tree.apply(tree.retire({ ownLeaf: 0, used: { leafIndex: 1 } }));
    const gone = mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65");
    expect(() => tree.peek(1, "handshake", 0)).toThrow(gone);
    expect(() => tree.peek(1, "application", 1)).toThrow(gone);
    use(tree, tree.peek(1, "application", 0));
    expect(tree.peek(3, "application", 0).generation).toBe(0);
  });

  it("keeps a plan made before it usable, and wipes one that is dropped", () => {
    const tree = create(4);
    const late = tree.peek(3, "application", 2);
    const dropped = tree.retire({ ownLeaf: 0, used: { leafIndex: 1 } });
    const values = dropped.changes.puts.map(({ value }) => value);
    expect(values.every((value) => value.some((byte) => byte !== 0))).toBe(true);
    dropped.wipe();
    expect(values.every((value) => value.every((byte) => byte === 0))).toBe(true);
    tree.apply(tree.retire({ ownLeaf: 0, used: { leafIndex: 1 } }));
    tree.apply(late);
    expect(() => tree.peek(3, "application", 2)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    expect(tree.peek(3, "application", 1).generation).toBe(1);
  });
});
