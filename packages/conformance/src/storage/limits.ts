import type { StorageKey } from "@openmls-ts/traits";
import { check, checkIds, checkOwners, checkRejects, checkValue, keyOf, recordOf } from "./assert.ts";
import { storageCase } from "./context.ts";
import type { StorageConformanceCase } from "./context.ts";

const BAD_TABLES = ["", " ", "a b", "a.b", "a/b", "a;b", "a\u0000", "a\n", "é", "a".repeat(65)];

const BAD_KEYS: readonly StorageKey[] = [
  ...BAD_TABLES.map((table) => keyOf("x", "o", table)),
  keyOf("x", new Uint8Array(65536)),
  keyOf(new Uint8Array(1025)),
  { ...keyOf("x"), id: "x" as unknown as Uint8Array },
  { ...keyOf("x"), owner: undefined as unknown as Uint8Array },
];

/** Sizes that must work, and names that must not. */
export const limitCases: readonly StorageConformanceCase[] = [
  storageCase("keys of the greatest lengths work", async (store) => {
    const table = "Table_of-64-characters".padEnd(64, "9");
    const owner = new Uint8Array(65535).fill(0xfe);
    const id = new Uint8Array(1024).fill(0xff);
    await store.write({
      puts: [recordOf(id, "1", owner, table), recordOf(id.subarray(1), "2", owner, table)],
    });
    await checkValue(store, keyOf(id, owner, table), "1");
    await checkIds(store, keyOf(id, owner, table), [id]);
    await checkIds(store, keyOf([0xff], owner, table), [id.subarray(1), id]);
    await checkOwners(store, table, [owner]);
    await store.write({ deletePrefixes: [keyOf(id, owner, table)] });
    await checkIds(store, keyOf("", owner, table), [id.subarray(1)]);
  }),

  storageCase("a key outside the limits is refused with ERR_MLS_USAGE", async (store) => {
    for (const key of BAD_KEYS) {
      await checkRejects("ERR_MLS_USAGE", async () => store.get(key));
      await checkRejects("ERR_MLS_USAGE", async () => store.list(key));
      const value = new Uint8Array(1);
      await checkRejects("ERR_MLS_USAGE", async () => store.write({ puts: [{ key, value }] }));
      await checkRejects("ERR_MLS_USAGE", async () => store.write({ deletes: [key] }));
      await checkRejects("ERR_MLS_USAGE", async () => store.write({ deletePrefixes: [key] }));
      await checkRejects("ERR_MLS_USAGE", async () => store.write({ expect: [{ key, value }] }));
    }
    for (const table of BAD_TABLES) {
      await checkRejects("ERR_MLS_USAGE", async () => store.listOwners(table));
    }
  }),

  storageCase("a refused batch changes nothing", async (store) => {
    await store.write({ puts: [recordOf("a", "1")] });
    const good = recordOf("a", "2");
    const bad = { key: keyOf(new Uint8Array(1025)), value: new Uint8Array(1) };
    const text = { key: keyOf("b"), value: "text" as unknown as Uint8Array };
    await checkRejects("ERR_MLS_USAGE", async () => store.write({ puts: [good, bad] }));
    await checkRejects("ERR_MLS_USAGE", async () => store.write({ puts: [good, text] }));
    await checkRejects("ERR_MLS_USAGE", async () => store.write({ deletes: [keyOf("a")], puts: [bad] }));
    await checkIds(store, keyOf(""), ["a"]);
    await checkValue(store, keyOf("a"), "1");
  }),

  storageCase("a value of 1 MiB comes back as it was", async (store) => {
    const value = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
    await store.write({ puts: [{ key: keyOf("large"), value }, recordOf("small", "s")] });
    await checkValue(store, keyOf("large"), value);
    await store.write({ expect: [{ key: keyOf("large"), value }], puts: [recordOf("large", "now small")] });
    await checkValue(store, keyOf("large"), "now small");
    await checkValue(store, keyOf("small"), "s");
  }),

  storageCase("2000 records in one batch are all there, and all go in one", async (store) => {
    const puts = Array.from({ length: 2000 }, (_, i) =>
      recordOf([i >> 8, i & 0xff], new Uint8Array(200).fill(i)),
    );
    await store.write({ puts });
    const records = await store.list(keyOf(""));
    check(records.length === 2000, `expected 2000 records, found ${records.length}`);
    for (const [i, { value }] of records.entries()) {
      check(value.length === 200 && value[199] === (i & 0xff), `record ${i} has another value`);
    }
    await store.write({ expect: puts, deletePrefixes: [keyOf("")] });
    await checkOwners(store, "t", []);
  }),
];
