import { checkIds, checkOwners, checkValue, keyOf, recordOf } from "./assert.ts";
import { storageCase } from "./context.ts";
import type { StorageConformanceCase } from "./context.ts";

/** Names of records never run into one another. */
export const isolationCases: readonly StorageConformanceCase[] = [
  storageCase("equal concatenations of table, owner and id are different records", async (store) => {
    const puts = [
      recordOf("c", "1", "ab", "t"),
      recordOf("bc", "2", "a", "t"),
      recordOf("abc", "3", "", "t"),
      recordOf("", "4", "abc", "t"),
      recordOf("bc", "5", "", "ta"),
      recordOf("b-c", "6", "a", "t"),
      recordOf("c", "7", "a-b", "t"),
      recordOf([0, 1], "8", [1], "t"),
      recordOf([1], "9", [1, 0], "t"),
    ];
    await store.write({ puts });
    for (const { key, value } of puts) {
      await checkValue(store, key, value);
    }
    await store.write({ deletes: [keyOf("bc", "a")] });
    await checkValue(store, keyOf("c", "ab"), "1");
    await checkValue(store, keyOf("abc", ""), "3");
    await checkValue(store, keyOf("bc", "", "ta"), "5");
  }),

  storageCase("an owner is matched whole, also where one is the prefix of another", async (store) => {
    await store.write({
      puts: [
        recordOf("x", "1", "a"),
        recordOf("x", "2", "aa"),
        recordOf("x", "3", ""),
        recordOf("x", "4", [0x61, 0]),
      ],
    });
    await checkIds(store, keyOf("", "a"), ["x"]);
    await checkIds(store, keyOf("", ""), ["x"]);
    await store.write({ deletePrefixes: [keyOf("", "a")] });
    await checkOwners(store, "t", ["", [0x61, 0], "aa"]);
    await store.write({ deletePrefixes: [keyOf("", "")] });
    await checkOwners(store, "t", [[0x61, 0], "aa"]);
  }),

  storageCase("a table is matched whole and by case", async (store) => {
    await store.write({
      puts: [
        recordOf("x", "1", "o", "Group"),
        recordOf("x", "2", "o", "group"),
        recordOf("x", "3", "o", "group_"),
      ],
    });
    await checkValue(store, keyOf("x", "o", "Group"), "1");
    await checkValue(store, keyOf("x", "o", "group"), "2");
    await checkValue(store, keyOf("x", "o", "group_"), "3");
    await checkValue(store, keyOf("x", "o", "GROUP"), undefined);
    await store.write({ deletePrefixes: [keyOf("", "o", "group")] });
    await checkOwners(store, "group", []);
    await checkOwners(store, "Group", ["o"]);
    await checkOwners(store, "group_", ["o"]);
  }),

  storageCase("table names that mean something elsewhere are names like others", async (store) => {
    const tables = [
      "constructor",
      "__proto__",
      "toString",
      "select",
      "openmls_records",
      "sqlite_schema",
      "0",
      "-",
    ];
    await store.write({ puts: tables.map((table) => recordOf("x", table, "o", table)) });
    for (const table of tables) {
      await checkValue(store, keyOf("x", "o", table), table);
      await checkOwners(store, table, ["o"]);
    }
    await checkOwners(store, "hasOwnProperty", []);
  }),

  storageCase("listOwners follows what is put and deleted", async (store) => {
    await store.write({ puts: [recordOf("x", "1", "a"), recordOf("y", "1", "a"), recordOf("x", "1", "b")] });
    await checkOwners(store, "t", ["a", "b"]);
    await store.write({ deletes: [keyOf("x", "a")] });
    await checkOwners(store, "t", ["a", "b"]);
    await store.write({ deletes: [keyOf("y", "a")] });
    await checkOwners(store, "t", ["b"]);
    await store.write({ deletePrefixes: [keyOf("x", "b")] });
    await checkOwners(store, "t", []);
    await checkOwners(store, "u", []);
  }),
];
