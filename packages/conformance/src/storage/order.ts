import { checkIds, checkOwners, keyOf, recordOf } from "./assert.ts";
import type { BytesLike } from "./assert.ts";
import { storageCase } from "./context.ts";
import type { StorageConformanceCase } from "./context.ts";

/** In the order that list must give; the names of other types of keys would sort otherwise. */
const ORDERED: readonly BytesLike[] = [
  [],
  [0],
  [0, 0],
  [0, 0xff],
  [1],
  "10",
  "2",
  "A",
  "a",
  "aa",
  "ab",
  "b",
  [0x7f],
  [0x80],
  [0xfe, 0xff],
  [0xff],
  [0xff, 0],
  [0xff, 0xff],
  [0xff, 0xff, 0],
  [0xff, 0xff, 0xff],
];

/** Ranges of ids under a prefix and their order. */
export const orderCases: readonly StorageConformanceCase[] = [
  storageCase("list gives ids in the order of unsigned octets, a prefix first", async (store) => {
    const shuffled = ORDERED.filter((_, i) => i % 2 === 0).concat(
      ORDERED.filter((_, i) => i % 2 === 1).reverse(),
    );
    await store.write({ puts: shuffled.map((id) => recordOf(id, "v")) });
    await checkIds(store, keyOf(""), ORDERED);
  }),

  storageCase("listOwners gives owners in the order of unsigned octets, each once", async (store) => {
    const puts = [...ORDERED]
      .reverse()
      .flatMap((owner) => [recordOf("x", "1", owner), recordOf("y", "2", owner)]);
    await store.write({ puts });
    await checkOwners(store, "t", ORDERED);
  }),

  storageCase("list gives exactly what starts with the prefix", async (store) => {
    await store.write({ puts: ORDERED.map((id) => recordOf(id, "v")) });
    await checkIds(store, keyOf("a"), ["a", "aa", "ab"]);
    await checkIds(store, keyOf("ab"), ["ab"]);
    await checkIds(store, keyOf("abc"), []);
    await checkIds(store, keyOf([0]), [[0], [0, 0], [0, 0xff]]);
    await checkIds(store, keyOf([0xfe]), [[0xfe, 0xff]]);
  }),

  storageCase("list under a prefix that ends in 0xff finds its records and no others", async (store) => {
    await store.write({ puts: ORDERED.map((id) => recordOf(id, "v")) });
    await checkIds(store, keyOf([0, 0xff]), [[0, 0xff]]);
    await checkIds(store, keyOf([0xfe, 0xff]), [[0xfe, 0xff]]);
    await checkIds(store, keyOf([0xff]), ORDERED.slice(-5));
    await checkIds(store, keyOf([0xff, 0xff]), ORDERED.slice(-3));
    await checkIds(store, keyOf([0xff, 0xff, 0xff]), ORDERED.slice(-1));
    await checkIds(store, keyOf([0xff, 0xff, 0xff, 0xff]), []);
  }),

  storageCase("deleting a prefix removes exactly what starts with it", async (store) => {
    await store.write({ puts: ORDERED.map((id) => recordOf(id, "v")) });
    await store.write({ deletePrefixes: [keyOf("a")] });
    await checkIds(store, keyOf(""), without("a", "aa", "ab"));
    await store.write({ deletePrefixes: [keyOf("abc"), keyOf([0x7f]), keyOf([0xfe])] });
    await checkIds(store, keyOf(""), without("a", "aa", "ab", [0x7f], [0xfe, 0xff]));
  }),

  storageCase("deleting a prefix of 0xff octets removes exactly what starts with it", async (store) => {
    await store.write({ puts: ORDERED.map((id) => recordOf(id, "v")) });
    await store.write({ deletePrefixes: [keyOf([0xff, 0xff])] });
    await checkIds(store, keyOf(""), ORDERED.slice(0, -3));
    await store.write({ deletePrefixes: [keyOf([0, 0xff])] });
    await checkIds(store, keyOf([0]), [[0], [0, 0]]);
    await store.write({ deletePrefixes: [keyOf([0xff])] });
    await checkIds(store, keyOf([0xff]), []);
    await checkIds(store, keyOf([0xfe]), [[0xfe, 0xff]]);
  }),

  storageCase("deleting the empty prefix removes all of one owner in one table", async (store) => {
    const puts = ORDERED.flatMap((id) => [
      recordOf(id, "v"),
      recordOf(id, "v", "p"),
      recordOf(id, "v", "o", "u"),
    ]);
    await store.write({ puts });
    await store.write({ deletePrefixes: [keyOf("")] });
    await checkIds(store, keyOf(""), []);
    await checkIds(store, keyOf("", "p"), ORDERED);
    await checkIds(store, keyOf("", "o", "u"), ORDERED);
    await checkOwners(store, "t", ["p"]);
  }),

  storageCase("order holds through many changes in any order", async (store) => {
    // 7919 has no factor in common with 2000: every number comes once, in an order that looks like chance.
    const scattered = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2000);
    for (let start = 0; start < scattered.length; start += 250) {
      await store.write({
        puts: scattered.slice(start, start + 250).map((n) => recordOf(number(n), number(n))),
      });
    }
    const all = Array.from({ length: 2000 }, (_, n) => number(n));
    await checkIds(store, keyOf(""), all);
    await checkIds(store, keyOf([3]), all.slice(768, 1024));
    await store.write({ deletes: scattered.filter((n) => n % 3 === 0).map((n) => keyOf(number(n))) });
    await checkIds(
      store,
      keyOf(""),
      all.filter((_, n) => n % 3 !== 0),
    );
    await store.write({ deletePrefixes: [keyOf([2]), keyOf([4])], puts: [recordOf(number(512), "back")] });
    const left = all.filter((_, n) => n === 512 || (n % 3 !== 0 && n >> 8 !== 2 && n >> 8 !== 4));
    await checkIds(store, keyOf(""), left);
  }),
];

function number(n: number): number[] {
  return [n >> 8, n & 0xff];
}

function without(...gone: readonly BytesLike[]): BytesLike[] {
  return ORDERED.filter((id) => !gone.some((other) => String(other) === String(id)));
}
