import { check, checkIds, checkValue, bytes, keyOf, recordOf } from "./assert.ts";
import { storageCase } from "./context.ts";
import type { StorageConformanceCase } from "./context.ts";

/** Single records: what goes in comes out, and nothing is shared with the caller. */
export const recordCases: readonly StorageConformanceCase[] = [
  storageCase("a fresh store is empty", async (store) => {
    await checkValue(store, keyOf("a"), undefined);
    await checkIds(store, keyOf(""), []);
    check((await store.listOwners("t")).length === 0, "a fresh store has owners");
    check(store.name.length > 0, "the store has no name");
  }),

  storageCase("a record can be put, read, replaced and deleted", async (store) => {
    await store.write({ puts: [recordOf("a", "one")] });
    await checkValue(store, keyOf("a"), "one");
    await store.write({ puts: [recordOf("a", "two, which is longer")] });
    await checkValue(store, keyOf("a"), "two, which is longer");
    await store.write({ puts: [recordOf("a", "3")] });
    await checkValue(store, keyOf("a"), "3");
    await checkIds(store, keyOf(""), ["a"]);
    await store.write({ deletes: [keyOf("a")] });
    await checkValue(store, keyOf("a"), undefined);
    await checkIds(store, keyOf(""), []);
  }),

  storageCase("an empty value is a record, not an absent one", async (store) => {
    await store.write({ puts: [recordOf("a", "")] });
    await checkValue(store, keyOf("a"), "");
    await checkIds(store, keyOf(""), ["a"]);
    await checkValue(store, keyOf("b"), undefined);
  }),

  storageCase("an empty id and an empty owner are names like others", async (store) => {
    await store.write({ puts: [recordOf("", "1", ""), recordOf("", "2"), recordOf("a", "3", "")] });
    await checkValue(store, keyOf("", ""), "1");
    await checkValue(store, keyOf(""), "2");
    await checkIds(store, keyOf("", ""), ["", "a"]);
    await store.write({ deletes: [keyOf("", "")] });
    await checkIds(store, keyOf("", ""), ["a"]);
    await checkValue(store, keyOf(""), "2");
  }),

  storageCase("deleting what does not exist changes nothing", async (store) => {
    await store.write({ puts: [recordOf("a", "1")] });
    await store.write({ deletes: [keyOf("b"), keyOf("a", "p"), keyOf("a", "o", "u")] });
    await checkValue(store, keyOf("a"), "1");
  }),

  storageCase("an empty batch changes nothing", async (store) => {
    await store.write({ puts: [recordOf("a", "1")] });
    await store.write({});
    await store.write({ expect: [], deletePrefixes: [], deletes: [], puts: [] });
    await checkIds(store, keyOf(""), ["a"]);
  }),

  storageCase("keys and values hold any octets", async (store) => {
    const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const ids = Array.from({ length: 256 }, (_, octet) => [octet]);
    await store.write({ puts: ids.map((id) => recordOf(id, all, all)) });
    await checkIds(store, keyOf("", all), ids);
    for (const id of [[0], [0x27], [0x5c], [0x7f], [0x80], [0xff]]) {
      await checkValue(store, keyOf(id, all), all);
    }
    await store.write({ puts: [recordOf([0xc3, 0x28, 0, 0xff], [0, 0, 0])] });
    await checkValue(store, keyOf([0xc3, 0x28, 0, 0xff]), [0, 0, 0]);
  }),

  storageCase("what was passed to write may be changed at once", async (store) => {
    const record = recordOf("a", "value");
    const writing = store.write({ puts: [record] });
    record.key.owner.fill(0);
    record.key.id.fill(0);
    record.value.fill(0);
    await writing;
    await checkValue(store, keyOf("a"), "value");
    const { key, value } = recordOf("a", "value");
    const deleting = store.write({ expect: [{ key, value }], deletes: [key] });
    key.id.fill(0);
    value.fill(0);
    await deleting;
    await checkIds(store, keyOf(""), []);
  }),

  storageCase("part of a larger buffer is stored as that part", async (store) => {
    const buffer = bytes("xxvaluexx");
    await store.write({ puts: [{ key: keyOf("a"), value: buffer.subarray(2, 7) }] });
    await checkValue(store, { ...keyOf("a"), id: bytes("xax").subarray(1, 2) }, "value");
  }),

  storageCase("what is returned is plain Uint8Arrays, whatever was stored", async (store) => {
    class Special extends Uint8Array {}
    const special = recordOf("a", "value");
    const key = { table: "t", owner: Special.from(special.key.owner), id: Special.from(special.key.id) };
    await store.write({ puts: [{ key, value: Special.from(special.value) }] });
    const [record] = await store.list({ ...key, id: Special.of() });
    const [owner] = await store.listOwners("t");
    const found = { get: await store.get(key), list: record?.value, id: record?.key.id, owner };
    for (const [name, array] of Object.entries({ ...found, "owner of list": record?.key.owner })) {
      check(array?.constructor === Uint8Array, `${name} is no plain Uint8Array`);
    }
    await checkValue(store, keyOf("a"), "value");
  }),

  storageCase("what was returned belongs to the receiver", async (store) => {
    await store.write({ puts: [recordOf("a", "value")] });
    (await store.get(keyOf("a")))?.fill(0);
    const [record] = await store.list(keyOf(""));
    record?.value.fill(0);
    record?.key.id.fill(0);
    record?.key.owner.fill(0);
    (await store.listOwners("t"))[0]?.fill(0);
    await checkValue(store, keyOf("a"), "value");
    await checkIds(store, keyOf(""), ["a"]);
    check(
      (await store.listOwners("t"))[0]?.[0] === bytes("o")[0],
      "the owner changed with the returned array",
    );
  }),
];
