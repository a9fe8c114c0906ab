import { bytesToHex, Secret } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import { type PlannedKey, type RatchetKind, SecretTree, type TreeRecord } from "./index.ts";
import { nodeId, ratchetId, skippedId } from "./record-format.ts";
import {
  create,
  dump,
  hexOf,
  keysInOrder,
  KINDS,
  LIMITS,
  reload,
  Store,
  suite,
  use,
} from "./testing/trees.ts";

describe("stored secret trees", () => {
  describe("records", () => {
    it("change by O(log n) for the first message of a sender, and by O(1) after it", () => {
      const tree = create(2 ** 16);
      const store = new Store(tree);
      expect(store.records).toHaveLength(1);
      const cost = (planned: PlannedKey): unknown => store.save(tree, planned);
      expect(cost(tree.peek(12345, "application", 0))).toEqual({ puts: 18, deletes: 1 });
      expect(cost(tree.peek(12345, "application", 1))).toEqual({ puts: 1, deletes: 0 });
      expect(cost(tree.take(12345, "handshake"))).toEqual({ puts: 1, deletes: 0 });
      expect(cost(tree.peek(12345, "application", 3))).toEqual({ puts: 2, deletes: 0 });
      expect(cost(tree.peek(12345, "application", 2))).toEqual({ puts: 0, deletes: 1 });
      expect(store.dump()).toEqual(dump(tree.all()));
    });

    const good = { id: nodeId(0), value: new Uint8Array(32) };
    it.each<readonly [string, TreeRecord]>([
      ["an unknown sort", { id: Uint8Array.of(9, 0, 0, 0, 0), value: good.value }],
      ["an unknown kind", { id: Uint8Array.of(1, 0, 0, 0, 0, 2), value: good.value }],
      ["a short id", { id: Uint8Array.of(0, 0, 0, 0), value: good.value }],
      ["a long id", { id: Uint8Array.of(0, 0, 0, 0, 0, 0), value: good.value }],
      ["an empty id", { id: new Uint8Array(), value: good.value }],
      ["a long value", { id: nodeId(0), value: new Uint8Array(33) }],
      ["an empty value", { id: nodeId(0), value: new Uint8Array() }],
      ["a short value", { id: nodeId(0), value: good.value.subarray(1) }],
      ["a short ratchet", { id: ratchetId(0, "handshake"), value: new Uint8Array(3) }],
      ["a cut ratchet", { id: ratchetId(0, "handshake"), value: new Uint8Array(35) }],
      ["a node outside the tree", { id: nodeId(7), value: good.value }],
      ["a leaf outside the tree", { id: ratchetId(4, "handshake"), value: new Uint8Array(36).fill(1) }],
      [
        "a used up ratchet before its end",
        { id: ratchetId(0, "handshake"), value: Uint8Array.of(0, 0, 0, 1) },
      ],
      [
        "a skipped key without ratchet",
        { id: skippedId(0, "handshake", 0), value: new Uint8Array(28).fill(1) },
      ],
    ])("of another form are refused: %s", (_, record) => {
      expect(() => SecretTree.fromRecords(suite, 4, LIMITS, [record])).toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
    });

    it("twice are refused, and so is a skipped key ahead of its ratchet", () => {
      expect(() => SecretTree.fromRecords(suite, 4, LIMITS, [good, good])).toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
      const head = {
        id: ratchetId(0, "handshake"),
        value: Uint8Array.of(0, 0, 0, 3, ...new Uint8Array(32)),
      };
      const ahead = { id: skippedId(0, "handshake", 3), value: new Uint8Array(28) };
      expect(() => SecretTree.fromRecords(suite, 4, LIMITS, [ahead, head])).toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
    });

    it.each(SUITES)("bring every suite back, suite %i", async (id) => {
      const other = await suiteOf(id);
      const secret = new Secret(other.randomBytes(other.params.kdf.hashLength));
      const tree = SecretTree.create(other, 5, secret, LIMITS);
      use(tree, tree.peek(4, "handshake", 3));
      use(tree, tree.take(0, "application"));
      const copy = SecretTree.fromRecords(other, 5, LIMITS, tree.all());
      expect(hexOf(copy.peek(4, "handshake", 1))).toEqual(hexOf(tree.peek(4, "handshake", 1)));
      expect(hexOf(copy.take(0, "application"))).toEqual(hexOf(tree.take(0, "application")));
      expect(dump(copy.all())).toEqual(dump(tree.all()));
    });
  });

  describe("own generations", () => {
    it("are given out at once, also while others wait to be written", () => {
      const expected = keysInOrder(4, 3, "application", 3);
      const tree = create(4);
      const store = new Store(tree);
      const taken = [0, 1, 2].map(() => tree.take(3, "application"));
      expect(taken.map(hexOf)).toEqual(expected);
      taken.forEach((planned) => store.save(tree, planned));
      expect(store.dump()).toEqual(dump(tree.all()));
      expect(reload(tree, 4).take(3, "application").generation).toBe(3);
    });

    it("are never given out again after a failed write, and their keys are not kept", () => {
      const expected = keysInOrder(4, 3, "application", 3);
      const tree = create(4);
      const store = new Store(tree);
      tree.take(3, "application").wipe();
      tree.take(3, "application").wipe();
      const third = tree.take(3, "application");
      expect(hexOf(third)).toEqual(expected[2]);
      store.save(tree, third);
      expect(tree.all().filter(({ id }) => id[0] === 2)).toEqual([]);
      expect(store.dump()).toEqual(dump(tree.all()));
    });

    it("never lead back when they are written in another order", () => {
      const tree = create(4);
      const store = new Store(tree);
      const [first, second] = [tree.take(3, "application"), tree.take(3, "application")];
      store.save(tree, second);
      expect(store.save(tree, first)).toEqual({ puts: 0, deletes: 0 });
      expect(store.dump()).toEqual(dump(tree.all()));
      const again = SecretTree.fromRecords(suite, 4, LIMITS, store.records.values());
      expect(again.take(3, "application").generation).toBe(2);
    });

    it("do not depend on what others sent in between", () => {
      const tree = create(4);
      const store = new Store(tree);
      const own = tree.take(2, "application");
      store.save(tree, tree.peek(3, "application", 1));
      expect(hexOf(own)).toEqual(keysInOrder(4, 2, "application", 1)[0]);
      store.save(tree, own);
      expect(store.dump()).toEqual(dump(tree.all()));
      const ids = tree.all().map(({ id }) => bytesToHex(id));
      expect(ids).not.toContain(bytesToHex(nodeId(5)));
    });
  });

  // A reader of deliveries in any order, with crashes, failed writes and forgeries, against the sender's own sequence.
  it("agrees with delivery in order, whatever happens", () => {
    const operation = fc.record({
      leaf: fc.nat(4),
      kind: fc.constantFrom(...KINDS),
      generation: fc.nat(12),
      what: fc.constantFrom("open", "open", "open", "forge", "failed write", "reload", "send", "failed send"),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const reference = new Map<string, ReturnType<typeof hexOf>[]>();
        const opened = new Set<string>();
        const sent = new Map<RatchetKind, number>();
        const written = new Map<RatchetKind, number>();
        let tree = create(6);
        const store = new Store(tree);
        for (const { leaf, kind, generation, what } of operations) {
          const ratchet = `${leaf}${kind}`;
          const keys = reference.get(ratchet) ?? keysInOrder(6, leaf, kind, 13);
          reference.set(ratchet, keys);
          if (what === "reload") {
            tree = SecretTree.fromRecords(suite, 6, LIMITS, store.records.values());
            KINDS.forEach((each) => sent.set(each, written.get(each) ?? 0));
          } else if (what === "send" || what === "failed send") {
            const own = tree.take(5, kind);
            expect(own.generation).toBe(sent.get(kind) ?? 0);
            sent.set(kind, own.generation + 1);
            if (what === "send") {
              store.save(tree, own);
              written.set(kind, own.generation + 1);
            }
          } else if (opened.has(`${ratchet}${generation}`)) {
            expect(() => tree.peek(leaf, kind, generation)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
          } else {
            const planned = tree.peek(leaf, kind, generation);
            expect(hexOf(planned)).toEqual(keys[generation]);
            if (what === "failed write") {
              expect(planned.changes).toBeDefined();
              planned.wipe();
            } else if (what === "open") {
              store.save(tree, planned);
              opened.add(`${ratchet}${generation}`);
            }
          }
        }
        expect(store.dump()).toEqual(dump(tree.all()));
      }),
      { numRuns: 150 },
    );
  });
});
