import { bytesToHex, Secret } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import { type RatchetKind, SecretTree, type TreeRecord } from "./index.ts";
import { nodeId, ratchetId, skippedId } from "./record-format.ts";
import {
  create,
  dump,
  hexOf,
  keysInOrder,
  KINDS,
  LIMITS,
  reload,
  ROOT_SECRET,
  Store,
  suite,
} from "./testing/trees.ts";

describe("stored secret trees", () => {
  describe("records", () => {
    it("change by O(log n) for the first message of a sender, and by O(1) after it", () => {
      const tree = create(2 ** 16);
      const store = new Store();
      expect(store.save(tree)).toEqual({ puts: 1, deletes: 0 });
      tree.peek(12345, "application", 0).consume();
      expect(store.save(tree)).toEqual({ puts: 18, deletes: 1 });
      tree.peek(12345, "application", 1).consume();
      expect(store.save(tree)).toEqual({ puts: 1, deletes: 0 });
      tree.next(12345, "handshake");
      expect(store.save(tree)).toEqual({ puts: 1, deletes: 0 });
      tree.peek(12345, "application", 3).consume();
      expect(store.save(tree)).toEqual({ puts: 2, deletes: 0 });
      tree.peek(12345, "application", 2).consume();
      expect(store.save(tree)).toEqual({ puts: 0, deletes: 1 });
      expect(store.save(tree)).toEqual({ puts: 0, deletes: 0 });
    });

    it("that came and went unsaved are not deleted from storage", () => {
      const tree = create(2);
      tree.peek(0, "application", 1).consume();
      tree.peek(0, "application", 0).consume();
      expect(tree.unsaved().deletes).toEqual([]);
    });

    it("changed while others are being written stay unsaved", () => {
      const tree = create(2);
      const store = new Store();
      store.save(tree);
      tree.next(0, "application");
      const writing = tree.unsaved();
      tree.next(0, "application");
      tree.peek(1, "application", 0).consume();
      tree.markSaved();
      for (const record of writing.puts) {
        store.records.set(bytesToHex(record.id), record);
      }
      for (const id of writing.deletes) {
        store.records.delete(bytesToHex(id));
      }
      store.save(tree);
      expect(store.dump()).toEqual(dump(tree.all()));
    });

    const good = { id: nodeId(0), value: Uint8Array.of(1, ...new Uint8Array(32)) };
    it.each<readonly [string, TreeRecord]>([
      ["an unknown sort", { id: Uint8Array.of(9, 0, 0, 0, 0), value: good.value }],
      ["an unknown kind", { id: Uint8Array.of(1, 0, 0, 0, 0, 2), value: good.value }],
      ["a short id", { id: Uint8Array.of(0, 0, 0, 0), value: good.value }],
      ["a long id", { id: Uint8Array.of(0, 0, 0, 0, 0, 0), value: good.value }],
      ["an empty id", { id: new Uint8Array(), value: good.value }],
      ["an unknown format", { id: nodeId(0), value: Uint8Array.of(2, ...new Uint8Array(32)) }],
      ["an empty value", { id: nodeId(0), value: new Uint8Array() }],
      ["a short value", { id: nodeId(0), value: good.value.subarray(1) }],
      ["a node outside the tree", { id: nodeId(7), value: good.value }],
      ["a leaf outside the tree", { id: ratchetId(4, "handshake"), value: new Uint8Array(37).fill(1) }],
      [
        "a used up ratchet before its end",
        { id: ratchetId(0, "handshake"), value: Uint8Array.of(1, 0, 0, 0, 1) },
      ],
      [
        "a skipped key without ratchet",
        { id: skippedId(0, "handshake", 0), value: new Uint8Array(29).fill(1) },
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
        value: Uint8Array.of(1, 0, 0, 0, 3, ...new Uint8Array(32)),
      };
      const ahead = { id: skippedId(0, "handshake", 3), value: Uint8Array.of(1, ...new Uint8Array(28)) };
      expect(() => SecretTree.fromRecords(suite, 4, LIMITS, [ahead, head])).toThrow(
        mlsError("ERR_MLS_STORAGE_FORMAT"),
      );
    });

    it.each(SUITES)("bring every suite back, suite %i", async (id) => {
      const other = await suiteOf(id);
      const secret = new Secret(other.randomBytes(other.params.kdf.hashLength));
      const tree = SecretTree.create(other, 5, secret, LIMITS);
      tree.peek(4, "handshake", 3).consume();
      tree.next(0, "application");
      const copy = SecretTree.fromRecords(other, 5, LIMITS, tree.all());
      expect(hexOf(copy.peek(4, "handshake", 1))).toEqual(hexOf(tree.peek(4, "handshake", 1)));
      expect(hexOf(copy.next(0, "application"))).toEqual(hexOf(tree.next(0, "application")));
      expect(dump(copy.all())).toEqual(dump(tree.all()));
    });
  });

  describe("undo", () => {
    it("restores keys, records and what is unsaved", () => {
      const tree = create(4);
      const store = new Store();
      store.save(tree);
      const before = store.dump();
      const undo = tree.peek(2, "application", 3).consume();
      undo();
      undo();
      expect(tree.unsaved()).toEqual({ puts: [], deletes: [] });
      expect(dump(tree.all())).toEqual(before);
      expect(hexOf(tree.peek(2, "application", 3))).toEqual(keysInOrder(4, 2, "application", 4)[3]);
    });

    it("makes storage right even if the failed write has happened", () => {
      const tree = create(4);
      const store = new Store();
      store.save(tree);
      const before = store.dump();
      const undo = tree.peek(2, "application", 3).consume();
      const { puts, deletes } = tree.unsaved();
      for (const record of puts) {
        store.records.set(bytesToHex(record.id), record);
      }
      for (const id of deletes) {
        store.records.delete(bytesToHex(id));
      }
      undo(); // the store said that it failed
      store.save(tree);
      expect(store.dump()).toEqual(before);
    });

    it("has no effect once the change is saved", () => {
      const tree = create(4);
      const undo = tree.peek(2, "application", 3).consume();
      new Store().save(tree);
      undo();
      expect(() => tree.peek(2, "application", 3)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    });

    it("does not roll back what came after it", () => {
      const tree = create(4);
      const undo = tree.peek(2, "application", 1).consume();
      tree.peek(2, "application", 2).consume();
      undo();
      expect(() => tree.peek(2, "application", 2)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
      expect(tree.peek(2, "application", 0).generation).toBe(0);
    });

    it("lets a sender go on who took a key in between", () => {
      const expected = keysInOrder(4, 3, "application", 2);
      const tree = create(4);
      const undo = tree.peek(2, "application", 0).consume();
      expect(hexOf(tree.next(3, "application"))).toEqual(expected[0]);
      undo();
      expect(hexOf(tree.next(3, "application"))).toEqual(expected[1]);
      expect(hexOf(reload(tree, 4).peek(2, "application", 1))).toEqual(
        keysInOrder(4, 2, "application", 2)[1],
      );
    });

    it("wipes what was replaced when it is saved (trap33)", () => {
      const tree = create(2);
      const store = new Store();
      store.save(tree);
      const candidate = tree.peek(0, "application", 0);
      candidate.consume();
      store.save(tree);
      expect(store.dump().join()).not.toContain(bytesToHex(ROOT_SECRET));
    });
  });

  // A reader of deliveries in any order, with crashes, failed writes and forgeries, against the sender's own sequence.
  it("agrees with delivery in order, whatever happens", () => {
    const operation = fc.record({
      leaf: fc.nat(4),
      kind: fc.constantFrom(...KINDS),
      generation: fc.nat(12),
      what: fc.constantFrom("open", "open", "open", "forge", "undo", "failed write", "reload", "send"),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const reference = new Map<string, ReturnType<typeof hexOf>[]>();
        const opened = new Set<string>();
        const sent = new Map<RatchetKind, number>();
        const store = new Store();
        let tree = create(6);
        store.save(tree);
        for (const { leaf, kind, generation, what } of operations) {
          const ratchet = `${leaf}${kind}`;
          const keys = reference.get(ratchet) ?? keysInOrder(6, leaf, kind, 13);
          reference.set(ratchet, keys);
          if (what === "reload") {
            tree = SecretTree.fromRecords(suite, 6, LIMITS, store.records.values());
          } else if (what === "send") {
            const own = tree.next(5, kind);
            expect(own.generation).toBe(sent.get(kind) ?? 0);
            sent.set(kind, own.generation + 1);
            store.save(tree);
          } else if (opened.has(`${ratchet}${generation}`)) {
            expect(() => tree.peek(leaf, kind, generation)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
          } else {
            const candidate = tree.peek(leaf, kind, generation);
            expect(hexOf(candidate)).toEqual(keys[generation]);
            if (what === "undo") {
              candidate.consume()();
            } else if (what === "failed write") {
              const undo = candidate.consume();
              tree.unsaved();
              undo();
            } else if (what === "open") {
              candidate.consume();
              opened.add(`${ratchet}${generation}`);
              store.save(tree);
            }
          }
        }
        store.save(tree);
        expect(store.dump()).toEqual(dump(tree.all()));
      }),
      { numRuns: 150 },
    );
  });
});
