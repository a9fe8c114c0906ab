import { bytesToHex, hexToBytes, Secret } from "@openmls-ts/traits";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { senderDataKeyAndNonce } from "../protection/index.ts";
import { mlsError, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import { SecretTree } from "./index.ts";
import { MAX_GENERATION, nodeId, ratchetId } from "./record-format.ts";
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

interface SecretTreeVector {
  readonly cipher_suite: number;
  readonly sender_data: Readonly<Record<"sender_data_secret" | "ciphertext" | "key" | "nonce", string>>;
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly ({ readonly generation: number } & Readonly<
    Record<"handshake_key" | "handshake_nonce" | "application_key" | "application_nonce", string>
  >)[])[];
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

describe("secret tree", () => {
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
});
