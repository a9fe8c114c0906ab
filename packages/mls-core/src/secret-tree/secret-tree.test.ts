import { bytesToHex, hexToBytes, Secret } from "@openmls-ts/traits";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { senderDataKeyAndNonce } from "../protection/index.ts";
import { isLeft, recordingSuite } from "../testing/recording-suite.ts";
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
  use,
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
        use(tree, handshake);
        const application = tree.peek(leaf, "application", entry.generation);
        expect(hexOf(application)).toEqual({ key: entry.application_key, nonce: entry.application_nonce });
        use(tree, application);
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
      KINDS.flatMap((kind) => [tree.take(leaf, kind), tree.take(leaf, kind), tree.take(leaf, kind)]),
    );
    expect(new Set(keys.map((key) => bytesToHex(key.key)))).toHaveLength(24);
    expect(keys.map((key) => key.generation).slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it.each([1, 3, 5, 9, 2 ** 20 + 1])("serves the last leaf of a tree of %i (trap31)", (leaves) => {
    const tree = create(leaves);
    const sent = tree.take(leaves - 1, "application");
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
      use(tree, candidate);
      expect(() => tree.peek(2, "application", generation)).toThrow(
        mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"),
      );
    }
    expect(tree.all().filter(({ id }) => id[0] === 2)).toEqual([]);
  });

  it("changes nothing before a plan is applied (trap28)", () => {
    const tree = create(8);
    const before = dump(tree.all());
    for (let i = 0; i < 50; i++) {
      expect(tree.peek(5, "handshake", 20).changes.puts.length).toBeGreaterThan(20);
      expect(tree.take(2, "handshake").generation).toBe(i);
    }
    expect(dump(tree.all())).toEqual(before);
    expect(hexOf(tree.peek(5, "handshake", 0))).toEqual(keysInOrder(8, 5, "handshake", 1)[0]);
  });

  it("applies a key once, and rightly when another one came first (rfc65)", () => {
    const expected = keysInOrder(4, 1, "application", 7);
    const tree = create(4);
    const store = new Store(tree);
    const [first, twin, later] = [0, 0, 5].map((generation) => tree.peek(1, "application", generation));
    const elsewhere = tree.peek(3, "application", 1);
    store.save(tree, later!);
    store.save(tree, first!);
    expect(() => twin!.changes).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"));
    expect(() => {
      tree.apply(twin!);
    }).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"));
    store.save(tree, elsewhere);
    expect(hexOf(tree.peek(1, "application", 3))).toEqual(expected[3]);
    expect(hexOf(tree.peek(1, "application", 6))).toEqual(expected[6]);
    expect(hexOf(tree.peek(3, "application", 0))).toEqual(keysInOrder(4, 3, "application", 1)[0]);
    expect(store.dump()).toEqual(dump(tree.all()));
  });

  it.each(KINDS)("goes as far ahead as the limit on the %s ratchet (rfc69, trap03)", (kind) => {
    const tree = create(4);
    expect(tree.peek(0, kind, 1000).generation).toBe(1000);
    for (const generation of [1001, 2 ** 31, 2 ** 32 - 1]) {
      expect(() => tree.peek(0, kind, generation)).toThrow(mlsError("ERR_MLS_LIMIT", "rfc69"));
    }
    use(tree, tree.peek(0, kind, 0));
    expect(tree.peek(0, kind, 1001).generation).toBe(1001);
    expect(() => tree.peek(0, kind, 1002)).toThrow(mlsError("ERR_MLS_LIMIT", "rfc69"));
  });

  it("keeps a bounded window of skipped keys, dropping the oldest (rfc68)", () => {
    const limits = { maxForwardDistance: 100, maxSkippedKeys: 4 };
    const whole = create(2, limits);
    use(whole, whole.peek(0, "application", 4));
    for (const generation of [0, 1, 2, 3]) {
      expect(() => use(whole, whole.peek(0, "application", generation))).not.toThrow();
    }
    const over = create(2, limits);
    use(over, over.peek(0, "application", 5));
    expect(() => over.peek(0, "application", 0)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65"));
    expect(over.peek(0, "application", 1).generation).toBe(1);
    use(over, over.peek(0, "application", 8));
    expect(() => over.peek(0, "application", 3)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    expect(over.all().filter(({ id }) => id[0] === 2)).toHaveLength(3); // 4, 6 and 7
    const none = create(2, { maxForwardDistance: 100, maxSkippedKeys: 0 });
    use(none, none.peek(0, "application", 1));
    expect(() => none.peek(0, "application", 0)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
  });

  it("applies a smaller window to what was stored under a larger one", () => {
    const tree = create(2);
    use(tree, tree.peek(0, "application", 9));
    const small = reload(tree, 2, { maxForwardDistance: 9, maxSkippedKeys: 2 });
    expect(small.all().filter(({ id }) => id[0] === 2)).toHaveLength(2);
    expect(() => small.peek(0, "application", 6)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    const planned = small.peek(0, "application", 7);
    expect(planned.changes.deletes).toHaveLength(8); // from the store, with the key itself
    small.apply(planned);
    expect(small.take(1, "application").changes.deletes).toEqual([nodeId(2)]);
  });

  it.each([-1, 4, 2 ** 30, 2 ** 31, 2 ** 32 - 1, 0.5, Number.NaN])(
    "refuses leaf %d of a tree of 4 (valn1306)",
    (leaf) => {
      const tree = create(4);
      expect(() => tree.peek(leaf, "handshake", 0)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1306"));
      expect(() => tree.take(leaf, "handshake")).toThrow(mlsError("ERR_MLS_VALIDATION", "valn1306"));
    },
  );

  it.each([-1, 2 ** 32, 0.5, Number.NaN])("refuses generation %d", (generation) => {
    expect(() => create(4).peek(0, "handshake", generation)).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("ends at generation 2^32 - 1 (rfc64)", () => {
    const records = create(2).all();
    const head = Uint8Array.of(0xff, 0xff, 0xff, 0xff, ...new Uint8Array(32));
    const load = (): SecretTree =>
      SecretTree.fromRecords(suite, 2, LIMITS, [...records, { id: ratchetId(1, "handshake"), value: head }]);
    const sending = load();
    const last = sending.take(1, "handshake");
    expect(last.generation).toBe(MAX_GENERATION);
    expect(() => sending.take(1, "handshake")).toThrow(mlsError("ERR_MLS_LIMIT", "rfc64"));
    use(sending, last);
    expect(() => sending.take(1, "handshake")).toThrow(mlsError("ERR_MLS_LIMIT", "rfc64"));
    expect(() => reload(sending, 2).take(1, "handshake")).toThrow(mlsError("ERR_MLS_LIMIT", "rfc64"));
    const receiving = load();
    use(receiving, receiving.peek(1, "handshake", MAX_GENERATION));
    expect(() => receiving.peek(1, "handshake", MAX_GENERATION)).toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
  });

  it("keeps nothing above a used leaf, and what the others need (rfc66)", () => {
    const tree = create(4);
    use(tree, tree.take(3, "handshake")); // RFC 9420 §9.2's example, with leaf 3 in the part of D
    const ids = tree.all().map(({ id }) => bytesToHex(id));
    const kept = [nodeId(1), nodeId(4), ratchetId(3, "handshake"), ratchetId(3, "application")];
    expect(ids.sort()).toEqual(kept.map(bytesToHex).sort());
  });

  it("leaves no trace of consumed secrets in its records (rfc66)", () => {
    const tree = create(4);
    const first = create(4);
    const { key } = use(tree, tree.take(0, "application"));
    const ratchetSecrets = [0, 1, 2].map(() => {
      use(first, first.take(0, "application"));
      const head = first.all().find(({ id }) => bytesToHex(id) === bytesToHex(ratchetId(0, "application")));
      return bytesToHex(head!.value.subarray(4));
    });
    use(tree, tree.peek(0, "application", 3));
    const seen = dump(tree.all()).join();
    for (const secret of [key, bytesToHex(ROOT_SECRET), ...ratchetSecrets]) {
      expect(seen).not.toContain(secret);
    }
  });

  it("shows no secret (trap32)", () => {
    const tree = create(4);
    use(tree, tree.peek(0, "application", 2));
    const seen = `${inspect(tree, { depth: 9 })}${JSON.stringify(tree)}${JSON.stringify(Object.assign({}, tree))}`;
    const values = tree.all().map(({ value }) => bytesToHex(value.subarray(0, 8)));
    expect(values.some((value) => seen.includes(value))).toBe(false);
    expect(seen).not.toContain("Uint8Array");
  });

  it("wipes, and then applies nothing", () => {
    const tree = create(4);
    const planned = tree.take(0, "application");
    tree.wipe();
    tree.apply(planned);
    expect(tree.all()).toEqual([]);
    expect(() => tree.take(1, "application")).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
  });

  it("wipes plans, the keys they hold, and what a change replaces (rfc66, trap33)", () => {
    const { suite: watched, recorded } = recordingSuite(suite);
    const tree = SecretTree.create(watched, 4, new Secret(ROOT_SECRET.slice()), LIMITS);
    const planned = tree.peek(1, "application", 3);
    planned.wipe();
    expect(recorded.filter(isLeft)).toEqual([]);
    expect(hexOf(tree.peek(1, "application", 3))).toEqual(keysInOrder(4, 1, "application", 4)[3]);
    recorded.length = 0;
    use(tree, tree.take(1, "handshake"));
    tree.wipe();
    expect(recorded.length).toBeGreaterThan(5);
    expect(recorded.filter(isLeft)).toEqual([]);
  });
});
