import { describe, expect, it } from "vitest";
import { postgresStorage } from "./index.ts";
import { checkOptions } from "./options.ts";

const pool = { connect: () => expect.unreachable("it was used"), end: async () => undefined };

describe("postgresStorage refuses, naming the argument and before it connects,", () => {
  it.each([
    ["no pool", undefined, {}, "urlOrPool"],
    ["a number", 5, {}, "urlOrPool"],
    ["an object without connect", { end: pool.end }, {}, "urlOrPool.connect"],
    ["another URI", "mysql://localhost", {}, "urlOrPool"],
    ["a path", "alice.db", {}, "urlOrPool"],
    ["options that are no object", pool, 5, "options"],
    ["an empty store", pool, { store: "" }, "options.store"],
    ["a store with a quote", pool, { store: "a'b" }, "options.store"],
    ["a long store", pool, { store: "x".repeat(65) }, "options.store"],
    ["a schema with a quote", pool, { schema: 'a"; DROP TABLE x; --' }, "options.schema"],
    ["a schema that is a number", pool, { schema: 7 }, "options.schema"],
    ["waiting for ever", pool, { lockTimeout: 0 }, "options.lockTimeout"],
    ["a time that is text", pool, { lockTimeout: "5; DROP" }, "options.lockTimeout"],
  ])("%s", async (_, urlOrPool, options, argument) => {
    await expect(postgresStorage(urlOrPool as never, options as never)).rejects.toMatchObject({
      code: "ERR_MLS_USAGE",
      details: { argument },
    });
  });
});

describe("options", () => {
  it("have defaults, for undefined ones too", () => {
    const defaults = { store: "default", schema: '"openmls"', lockTimeout: 5000 };
    expect(checkOptions(undefined)).toEqual(defaults);
    expect(checkOptions({ store: undefined, schema: undefined, lockTimeout: undefined })).toEqual(defaults);
  });
});
