import type { StorageProvider } from "@openmls-ts/traits";
import {
  bytes,
  checkError,
  checkIds,
  checkOwners,
  checkRejects,
  checkValue,
  keyOf,
  recordOf,
} from "./assert.ts";
import type { StorageConformanceCase, StorageConformanceContext } from "./context.ts";

async function reopened(
  context: StorageConformanceContext,
  store: StorageProvider,
): Promise<StorageProvider> {
  if (context.reopen === undefined) {
    throw new Error("this case needs context.reopen");
  }
  return context.reopen(store);
}

async function second(context: StorageConformanceContext, store: StorageProvider): Promise<StorageProvider> {
  if (context.openSecond === undefined) {
    throw new Error("this case needs context.openSecond");
  }
  return context.openSecond(store);
}

function lastingCase(
  name: string,
  need: "reopen" | "openSecond",
  run: (context: StorageConformanceContext) => Promise<void>,
): StorageConformanceCase {
  return { name, needs: [need], run };
}

/** For stores that outlive the process, and for those that several may use at once. */
export const durabilityCases: readonly StorageConformanceCase[] = [
  lastingCase("what was written is there after reopening", "reopen", async (context) => {
    const before = await context.open();
    await before.write({
      puts: [recordOf("a", "1"), recordOf("b", ""), recordOf([0xff, 0], "3", [0, 0xff])],
    });
    await before.write({ deletes: [keyOf("a")], puts: [recordOf("c", "4")] });
    const after = await reopened(context, before);
    await checkIds(after, keyOf(""), ["b", "c"]);
    await checkValue(after, keyOf("b"), "");
    await checkValue(after, keyOf("c"), "4");
    await checkValue(after, keyOf([0xff, 0], [0, 0xff]), "3");
    await checkOwners(after, "t", [[0, 0xff], "o"]);
  }),
  lastingCase("what was refused is not there after reopening", "reopen", async (context) => {
    const before = await context.open();
    await before.write({ puts: [recordOf("a", "1")] });
    await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
      before.write({ expect: [{ key: keyOf("a"), value: bytes("2") }], puts: [recordOf("b", "")] }),
    );
    const after = await reopened(context, before);
    await checkIds(after, keyOf(""), ["a"]);
    await after.write({ puts: [recordOf("c", "3")] });
    await checkIds(await reopened(context, after), keyOf(""), ["a", "c"]);
  }),
  lastingCase("two handles see one another's writes", "openSecond", async (context) => {
    const one = await context.open();
    await one.write({ puts: [recordOf("a", "1")] });
    const two = await second(context, one);
    await checkValue(two, keyOf("a"), "1");
    await two.write({ deletes: [keyOf("a")], puts: [recordOf("b", "2")] });
    await checkIds(one, keyOf(""), ["b"]);
    await one.write({ puts: [recordOf("b", "3")] });
    await checkValue(two, keyOf("b"), "3");
  }),
  lastingCase("a stale write through the other handle is a conflict", "openSecond", async (context) => {
    const one = await context.open();
    await one.write({ puts: [recordOf("state", "0")] });
    const two = await second(context, one);
    const expect = [{ key: keyOf("state"), value: bytes("0") }];
    await one.write({ expect, puts: [recordOf("state", "1")] });
    await checkRejects("ERR_MLS_STORAGE_CONFLICT", async () =>
      two.write({ expect, puts: [recordOf("state", "2"), recordOf("other", "")] }),
    );
    await checkValue(two, keyOf("state"), "1");
    await checkIds(one, keyOf(""), ["state"]);
  }),
  lastingCase("writers on two handles lose no update", "openSecond", async (context) => {
    const one = await context.open();
    await one.write({ puts: [recordOf("count", [0])] });
    const two = await second(context, one);
    await Promise.all([one, two].map(async (store) => increment(store, 25)));
    await checkValue(one, keyOf("count"), [50]);
    await checkValue(two, keyOf("count"), [50]);
  }),
];

/** Adds one to the record `count`, `times` over, trying again after each conflict. */
async function increment(store: StorageProvider, times: number): Promise<void> {
  let done = 0;
  // Each conflict means that the other writer got on, so there are at most `times` of them.
  for (let attempt = 0; done < times && attempt < 4 * times; attempt++) {
    const value = await store.get(keyOf("count"));
    try {
      await store.write({
        expect: [{ key: keyOf("count"), value }],
        puts: [recordOf("count", [(value?.[0] ?? 0) + 1])],
      });
      done++;
    } catch (error) {
      checkError("ERR_MLS_STORAGE_CONFLICT", error);
    }
  }
}
