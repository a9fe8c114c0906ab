import type { StorageBatch, StorageProvider } from "@openmls-ts/traits";
import { bytes, check, checkError, checkIds, checkRejects, checkValue, keyOf, recordOf } from "./assert.ts";
import { storageCase } from "./context.ts";
import type { StorageConformanceCase } from "./context.ts";

/** Writes that must fail on their expectation, then checks that records `a` and `b` are as they were. */
async function checkConflict(store: StorageProvider, expect: StorageBatch["expect"] & object): Promise<void> {
  await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
    store.write({
      expect,
      deletePrefixes: [keyOf("")],
      deletes: [keyOf("a")],
      puts: [recordOf("b", "changed"), recordOf("c", "new"), recordOf("c", "new", "p", "u")],
    }),
  );
  await checkIds(store, keyOf(""), ["a", "b"]);
  await checkValue(store, keyOf("a"), "1");
  await checkValue(store, keyOf("b"), "");
  await checkIds(store, keyOf("", "p", "u"), []);
}

/** A batch is applied whole, in the order of the contract, or not at all. */
export const batchCases: readonly StorageConformanceCase[] = [
  storageCase("a failed expectation rejects with a conflict and changes nothing", async (store) => {
    await store.write({ puts: [recordOf("a", "1"), recordOf("b", "")] });
    const met = { key: keyOf("a"), value: bytes("1") };
    await checkConflict(store, [{ key: keyOf("a"), value: bytes("2") }]);
    await checkConflict(store, [{ key: keyOf("a"), value: bytes("1 ") }]);
    await checkConflict(store, [{ key: keyOf("a"), value: bytes("") }]);
    await checkConflict(store, [{ key: keyOf("a"), value: undefined }]);
    await checkConflict(store, [{ key: keyOf("b"), value: undefined }]);
    await checkConflict(store, [{ key: keyOf("c"), value: bytes("1") }]);
    await checkConflict(store, [{ key: keyOf("c"), value: bytes("") }]);
    await checkConflict(store, [met, met, { key: keyOf("a", "p"), value: bytes("1") }]);
    await checkConflict(store, [{ key: keyOf("a", "o", "u"), value: bytes("1") }, met]);
  }),

  storageCase("a batch whose expectations hold is applied", async (store) => {
    await store.write({ expect: [{ key: keyOf("a"), value: undefined }], puts: [recordOf("a", "1")] });
    await store.write({
      expect: [
        { key: keyOf("a"), value: bytes("1") },
        { key: keyOf("b"), value: undefined },
        { key: keyOf("a", "p"), value: undefined },
      ],
      puts: [recordOf("a", "2"), recordOf("b", "")],
    });
    await store.write({ expect: [{ key: keyOf("b"), value: bytes("") }], deletes: [keyOf("b")] });
    await checkValue(store, keyOf("a"), "2");
    await checkIds(store, keyOf(""), ["a"]);
  }),

  storageCase("a batch of expectations alone is judged", async (store) => {
    await store.write({ puts: [recordOf("a", "1")] });
    await store.write({ expect: [{ key: keyOf("a"), value: bytes("1") }] });
    await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
      store.write({ expect: [{ key: keyOf("a"), value: undefined }] }),
    );
  }),

  storageCase("expectations are judged on the state before the batch", async (store) => {
    await store.write({ puts: [recordOf("a", "1")] });
    await store.write({
      expect: [
        { key: keyOf("a"), value: bytes("1") },
        { key: keyOf("b"), value: undefined },
      ],
      deletePrefixes: [keyOf("a")],
      deletes: [keyOf("a")],
      puts: [recordOf("b", "2")],
    });
    await checkIds(store, keyOf(""), ["b"]);
    await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
      store.write({ expect: [{ key: keyOf("b"), value: undefined }], deletes: [keyOf("b")] }),
    );
    await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
      store.write({ expect: [{ key: keyOf("c"), value: bytes("3") }], puts: [recordOf("c", "3")] }),
    );
    await checkIds(store, keyOf(""), ["b"]);
  }),

  storageCase("a put survives the deletes of its own batch", async (store) => {
    await store.write({ puts: [recordOf("a1", "old"), recordOf("a2", "old"), recordOf("a3", "old")] });
    await store.write({
      puts: [recordOf("a1", "new"), recordOf("a4", "new")],
      deletes: [keyOf("a1"), keyOf("a3")],
      deletePrefixes: [keyOf("a")],
    });
    await checkIds(store, keyOf(""), ["a1", "a4"]);
    await checkValue(store, keyOf("a1"), "new");
    await store.write({ puts: [recordOf("a1", "newer")], deletes: [keyOf("a1"), keyOf("a4")] });
    await checkIds(store, keyOf(""), ["a1"]);
    await checkValue(store, keyOf("a1"), "newer");
  }),

  storageCase("of two puts to one key the later wins", async (store) => {
    await store.write({ puts: [recordOf("a", "first"), recordOf("b", "other"), recordOf("a", "last")] });
    await checkValue(store, keyOf("a"), "last");
    await checkValue(store, keyOf("b"), "other");
    await checkIds(store, keyOf(""), ["a", "b"]);
  }),

  storageCase("deletes of the same record and overlapping prefixes are harmless", async (store) => {
    await store.write({ puts: [recordOf("a", "1"), recordOf("ab", "2"), recordOf("b", "3")] });
    await store.write({
      deletePrefixes: [keyOf("a"), keyOf("ab"), keyOf("a")],
      deletes: [keyOf("a"), keyOf("a"), keyOf("ab")],
    });
    await checkIds(store, keyOf(""), ["b"]);
  }),

  storageCase("a batch spans tables and owners", async (store) => {
    await store.write({ puts: [recordOf("a", "1", "p", "t"), recordOf("b", "2", "q", "u")] });
    await store.write({
      expect: [
        { key: keyOf("a", "p", "t"), value: bytes("1") },
        { key: keyOf("b", "q", "u"), value: bytes("2") },
      ],
      deletes: [keyOf("a", "p", "t")],
      deletePrefixes: [keyOf("", "q", "u")],
      puts: [recordOf("c", "3", "r", "v")],
    });
    await checkIds(store, keyOf("", "p", "t"), []);
    await checkIds(store, keyOf("", "q", "u"), []);
    await checkValue(store, keyOf("c", "r", "v"), "3");
  }),

  storageCase("concurrent writes never interleave", async (store) => {
    const writers = Array.from({ length: 40 }, (_, i) => [i]);
    await Promise.all(
      writers.map(async (mark) =>
        store.write({
          deletePrefixes: [keyOf("only-")],
          puts: [recordOf("x", mark), recordOf("y", mark), recordOf([...bytes("only-"), ...mark], mark)],
        }),
      ),
    );
    const last = await store.get(keyOf("x"));
    check(last !== undefined, "no write arrived");
    await checkValue(store, keyOf("y"), last ?? []);
    await checkIds(store, keyOf("only-"), [Uint8Array.of(...bytes("only-"), ...(last ?? []))]);
  }),

  storageCase("of concurrent writes with the same expectation exactly one succeeds", async (store) => {
    await store.write({ puts: [recordOf("turn", "0")] });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, i) =>
        store.write({
          expect: [{ key: keyOf("turn"), value: bytes("0") }],
          puts: [recordOf("turn", [i + 1]), recordOf(["w".charCodeAt(0), i], "")],
        }),
      ),
    );
    const winners = results.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    check(winners.length === 1, `expected one success, found ${winners.length}`);
    for (const result of results) {
      if (result.status === "rejected") {
        checkError("ERR_MLS_STORAGE_CONFLICT", result.reason);
      }
    }
    await checkValue(store, keyOf("turn"), [(winners[0] ?? 0) + 1]);
    await checkIds(store, keyOf("w"), [["w".charCodeAt(0), winners[0] ?? 0]]);
  }),
];
