import { bytesToHex, hexToBytes, Secret } from "@openmls-ts/traits";
import fc from "fast-check";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { CipherSuite } from "@openmls-ts/traits";
import { senderDataKeyAndNonce } from "../framing/index.ts";
import { mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import {
  type RatchetKey,
  type RatchetKind,
  SecretTree,
  type SecretTreeLimits,
  type TreeRecord,
} from "./index.ts";
import { MAX_GENERATION, nodeId, ratchetId, skippedId } from "./record-format.ts";

const LIMITS: SecretTreeLimits = { maxForwardDistance: 1000, maxSkippedKeys: 1000 };
const KINDS: readonly RatchetKind[] = ["handshake", "application"];

interface SecretTreeVector {
  readonly cipher_suite: number;
  readonly sender_data: Readonly<Record<"sender_data_secret" | "ciphertext" | "key" | "nonce", string>>;
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly ({ readonly generation: number } & Readonly<
    Record<"handshake_key" | "handshake_nonce" | "application_key" | "application_nonce", string>
  >)[])[];
}

function hexOf({ key, nonce }: Pick<RatchetKey, "key" | "nonce">): {
  readonly key: string;
  readonly nonce: string;
} {
  return { key: bytesToHex(key), nonce: bytesToHex(nonce) };
}

describe("secret tree vectors", () => {
  itPasses(["mls/secret-tree.json"], async (vector: SecretTreeVector) => {
    const suite = await suiteOf(vector.cipher_suite);
    const { sender_data_secret, ciphertext, key, nonce } = vector.sender_data;
    const derived = senderDataKeyAndNonce(suite, hexToBytes(sender_data_secret), hexToBytes(ciphertext));
    expect(hexOf(derived)).toEqual({ key, nonce });

    const secret = new Secret(hexToBytes(vector.encryption_secret));
    const tree = SecretTree.create(suite, vector.leaves.length, secret, LIMITS);
    for (const [leaf, generations] of vector.leaves.entries()) {
      for (const entry of generations) {
        const handshake = tree.peek(leaf, "handshake", entry.generation);
        expect(hexOf(handshake)).toEqual({ key: entry.handshake_key, nonce: entry.handshake_nonce });
        handshake.consume();
        const application = tree.peek(leaf, "application", entry.generation);
        expect(hexOf(application)).toEqual({ key: entry.application_key, nonce: entry.application_nonce });
        application.consume();
      }
    }
  });
});

/** Records as a store would hold them. */
class Store {
  readonly records = new Map<string, TreeRecord>();

  save(tree: SecretTree): { readonly puts: number; readonly deletes: number } {
    const { puts, deletes } = tree.unsaved();
    for (const id of deletes) {
      this.records.delete(bytesToHex(id));
    }
    for (const record of puts) {
      this.records.set(bytesToHex(record.id), record);
    }
    tree.markSaved();
    return { puts: puts.length, deletes: deletes.length };
  }

  dump(): string[] {
    return dump([...this.records.values()]);
  }
}

function dump(records: readonly TreeRecord[]): string[] {
  return records.map(({ id, value }) => `${bytesToHex(id)}:${bytesToHex(value)}`).sort();
}

const ROOT_SECRET = new Uint8Array(32).fill(7);

describe("secret tree", () => {
  let suite: CipherSuite;
  beforeAll(async () => {
    suite = await suiteOf(1);
  });

  function create(leaves: number, limits: SecretTreeLimits = LIMITS): SecretTree {
    return SecretTree.create(suite, leaves, new Secret(ROOT_SECRET.slice()), limits);
  }

  function reload(tree: SecretTree, leaves: number, limits: SecretTreeLimits = LIMITS): SecretTree {
    return SecretTree.fromRecords(suite, leaves, limits, tree.all());
  }

  /** Keys of one ratchet straight from the definition, with nothing kept or shared. */
  function keysInOrder(
    leaves: number,
    leaf: number,
    kind: RatchetKind,
    count: number,
  ): ReturnType<typeof hexOf>[] {
    const tree = create(leaves);
    return Array.from({ length: count }, () => hexOf(tree.next(leaf, kind)));
  }

  it("takes the encryption secret over and wipes it", () => {
    const secret = new Secret(ROOT_SECRET.slice());
    const bytes = secret.expose();
    SecretTree.create(suite, 2, secret, LIMITS);
    expect(bytes).toEqual(new Uint8Array(32));
  });

  it("gives distinct keys to leaves, kinds and generations (rfc64)", () => {
    const tree = create(8);
    const keys = [0, 1, 5, 7].flatMap((leaf) =>
      KINDS.flatMap((kind) => [tree.next(leaf, kind), tree.next(leaf, kind), tree.next(leaf, kind)]),
    );
    expect(new Set(keys.map((key) => bytesToHex(key.key)))).toHaveLength(24);
    expect(keys.map((key) => key.generation).slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it.each([1, 3, 5, 9, 2 ** 20 + 1])("serves the last leaf of a tree of %i (trap31)", (leaves) => {
    const tree = create(leaves);
    const sent = tree.next(leaves - 1, "application");
    const received = create(leaves).peek(leaves - 1, "application", 0);
    expect(hexOf(received)).toEqual(hexOf(sent));
    let width = 1;
    while (width < leaves) {
      width *= 2;
    }
    expect(hexOf(create(width).peek(leaves - 1, "application", 0))).toEqual(hexOf(sent));
  });

  it("opens generations in any order, each once (rfc65)", () => {
    const expected = keysInOrder(4, 2, "application", 5);
    const tree = create(4);
    for (const generation of [3, 0, 4, 2, 1]) {
      const candidate = tree.peek(2, "application", generation);
      expect(hexOf(candidate)).toEqual(expected[generation]);
      candidate.consume();
      expect(() => tree.peek(2, "application", generation)).toThrow(
        mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"),
      );
    }
    expect(tree.all().filter(({ id }) => id[0] === 2)).toEqual([]);
  });

  it("changes nothing before a candidate is consumed (trap28)", () => {
    const tree = create(8);
    const store = new Store();
    store.save(tree);
    const before = store.dump();
    for (let i = 0; i < 50; i++) {
      expect(tree.peek(5, "handshake", 20).generation).toBe(20);
    }
    expect(tree.unsaved()).toEqual({ puts: [], deletes: [] });
    expect(dump(tree.all())).toEqual(before);
    expect(hexOf(tree.peek(5, "handshake", 0))).toEqual(keysInOrder(8, 5, "handshake", 1)[0]);
  });

  it("consumes a candidate once, and rightly when another one came first", () => {
    const expected = keysInOrder(4, 1, "application", 7);
    const tree = create(4);
    const [first, twin, later] = [0, 0, 5].map((generation) => tree.peek(1, "application", generation));
    later!.consume();
    first!.consume();
    expect(() => twin!.consume()).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"));
    expect(hexOf(tree.peek(1, "application", 3))).toEqual(expected[3]);
    expect(hexOf(tree.peek(1, "application", 6))).toEqual(expected[6]);
  });

  it.each(KINDS)("goes as far ahead as the limit on the %s ratchet (rfc69, trap03)", (kind) => {
    const tree = create(4);
    expect(tree.peek(0, kind, 1000).generation).toBe(1000);
    for (const generation of [1001, 2 ** 31, 2 ** 32 - 1]) {
      expect(() => tree.peek(0, kind, generation)).toThrow(mlsError("ERR_MLS_LIMIT", "rfc69"));
    }
    tree.peek(0, kind, 0).consume();
    expect(tree.peek(0, kind, 1001).generation).toBe(1001);
    expect(() => tree.peek(0, kind, 1002)).toThrow(mlsError("ERR_MLS_LIMIT", "rfc69"));
  });

  it("keeps a bounded window of skipped keys, dropping the oldest (rfc68)", () => {
    const limits = { maxForwardDistance: 100, maxSkippedKeys: 4 };
    const whole = create(2, limits);
    whole.peek(0, "application", 4).consume();
    for (const generation of [0, 1, 2, 3]) {
      expect(() => whole.peek(0, "application", generation).consume()).not.toThrow();
    }
    const over = create(2, limits);
    over.peek(0, "application", 5).consume();
    expect(() => over.peek(0, "application", 0)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"));
    expect(over.peek(0, "application", 1).generation).toBe(1);
    over.peek(0, "application", 8).consume();
    expect(() => over.peek(0, "application", 3)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    expect(over.all().filter(({ id }) => id[0] === 2)).toHaveLength(3); // 4, 6 and 7
    const none = create(2, { maxForwardDistance: 100, maxSkippedKeys: 0 });
    none.peek(0, "application", 1).consume();
    expect(() => none.peek(0, "application", 0)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
  });

  it("applies a smaller window to what was stored under a larger one", () => {
    const tree = create(2);
    tree.peek(0, "application", 9).consume();
    const small = reload(tree, 2, { maxForwardDistance: 9, maxSkippedKeys: 2 });
    expect(small.unsaved().deletes).toHaveLength(7);
    expect(() => small.peek(0, "application", 6)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    expect(small.peek(0, "application", 7).generation).toBe(7);
  });

  it.each([-1, 4, 2 ** 30, 2 ** 31, 2 ** 32 - 1, 0.5, Number.NaN])(
    "refuses leaf %d of a tree of 4 (valn1306)",
    (leaf) => {
      const tree = create(4);
      expect(() => tree.peek(leaf, "handshake", 0)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1306"));
      expect(() => tree.next(leaf, "handshake")).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1306"));
    },
  );

  it.each([-1, 2 ** 32, 0.5, Number.NaN])("refuses generation %d", (generation) => {
    expect(() => create(4).peek(0, "handshake", generation)).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("ends at generation 2^32 - 1 (rfc64)", () => {
    const records = create(2).all();
    const head = Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, ...new Uint8Array(32));
    const load = (): SecretTree =>
      SecretTree.fromRecords(suite, 2, LIMITS, [...records, { id: ratchetId(1, "handshake"), value: head }]);
    const sending = load();
    expect(sending.next(1, "handshake").generation).toBe(MAX_GENERATION);
    expect(() => sending.next(1, "handshake")).toThrow(mlsError("ERR_MLS_LIMIT", "rfc64"));
    const again = reload(sending, 2);
    expect(() => again.next(1, "handshake")).toThrow(mlsError("ERR_MLS_LIMIT", "rfc64"));
    const receiving = load();
    const undo = receiving.peek(1, "handshake", MAX_GENERATION).consume();
    expect(() => receiving.peek(1, "handshake", MAX_GENERATION)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    undo();
    expect(receiving.peek(1, "handshake", MAX_GENERATION).generation).toBe(MAX_GENERATION);
  });

  it("keeps nothing above a used leaf, and what the others need (rfc66)", () => {
    const tree = create(4);
    tree.next(3, "handshake"); // RFC 9420 §9.2's example, with leaf 3 in the part of D
    const ids = tree.all().map(({ id }) => bytesToHex(id));
    const kept = [nodeId(1), nodeId(4), ratchetId(3, "handshake"), ratchetId(3, "application")];
    expect(ids.sort()).toEqual(kept.map(bytesToHex).sort());
  });

  it("leaves no trace of consumed secrets in its records (rfc66)", () => {
    const tree = create(4);
    const first = create(4);
    const key = bytesToHex(tree.next(0, "application").key);
    const ratchetSecrets = [0, 1, 2].map(() => {
      first.next(0, "application");
      const head = first.all().find(({ id }) => bytesToHex(id) === bytesToHex(ratchetId(0, "application")));
      return bytesToHex(head!.value.subarray(5));
    });
    tree.peek(0, "application", 3).consume();
    const seen = dump(tree.all()).join();
    for (const secret of [key, bytesToHex(ROOT_SECRET), ...ratchetSecrets]) {
      expect(seen).not.toContain(secret);
    }
  });

  it("shows no secret (trap32)", () => {
    const tree = create(4);
    tree.peek(0, "application", 2).consume();
    const seen = `${inspect(tree, { depth: 9 })}${JSON.stringify(tree)}${JSON.stringify(Object.assign({}, tree))}`;
    const values = tree.all().map(({ value }) => bytesToHex(value.subarray(1, 9)));
    expect(values.some((value) => seen.includes(value))).toBe(false);
    expect(seen).not.toContain("Uint8Array");
  });

  it("wipes", () => {
    const tree = create(4);
    tree.next(0, "application");
    tree.wipe();
    expect(tree.all()).toEqual([]);
    expect(() => tree.next(1, "application")).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
  });

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
