import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  bigintArgument,
  bytesArgument,
  choiceArgument,
  functionArgument,
  numberArgument,
  optionsArgument,
  signerArgument,
} from "./arguments.ts";
import { isBytes } from "./bytes.ts";

function usage(message: RegExp): Error {
  const matching: unknown = expect.stringMatching(message);
  return expect.objectContaining({ code: "ERR_MLS_USAGE", message: matching }) as Error;
}

const foreign = (code: string): unknown => runInNewContext(code);

describe("bytes", () => {
  it.each([
    ["a Uint8Array", Uint8Array.of(1, 2)],
    ["a Buffer", Buffer.from([1, 2])],
    ["a view", Uint8Array.of(0, 1, 2, 3).subarray(1, 3)],
    ["another realm's", foreign("Uint8Array.of(1, 2)")],
  ])("are taken as %s, and copied into this realm", (_, given) => {
    const taken = bytesArgument("data", given);
    (given as Uint8Array).fill(9);
    expect(taken).toStrictEqual(Uint8Array.of(1, 2));
    expect(Object.getPrototypeOf(taken)).toBe(Uint8Array.prototype);
    expect(taken.buffer).toBeInstanceOf(ArrayBuffer);
    expect(taken.buffer.byteLength).toBe(2);
  });

  it.each([
    ["hello", /^data is string, expected Uint8Array$/],
    [[1, 2], /^data is Array,/],
    [new ArrayBuffer(2), /^data is ArrayBuffer,/],
    [new DataView(new ArrayBuffer(2)), /^data is DataView,/],
    [new Uint16Array(2), /^data is Uint16Array,/],
    [new Uint8ClampedArray(2), /^data is Uint8ClampedArray,/],
    [300, /^data is number 300,/],
    [undefined, /^data is undefined,/],
    [null, /^data is Null,/],
    [Object.create(Uint8Array.prototype), /^data is Object,/],
    [{ length: 2, [Symbol.toStringTag]: "Uint8Array" }, /^data is Uint8Array,/],
    [Promise.resolve(Uint8Array.of(1)), /^data is a promise: await it first$/],
  ])("are not %o", (given, message) => {
    expect(isBytes(given)).toBe(false);
    expect(() => bytesArgument("data", given)).toThrow(usage(message));
  });

  it("are no longer there once transferred", () => {
    const sent = Uint8Array.of(1, 2);
    structuredClone(sent, { transfer: [sent.buffer] });
    expect(() => bytesArgument("data", sent)).toThrow(usage(/^data is Uint8Array,.*not transferred/));
  });

  it("do not appear in messages, nor does text", () => {
    expect(() => numberArgument("length", "secret")).toThrow(usage(/^length is string, expected integer/));
  });
});

describe("numbers", () => {
  it("have bounds", () => {
    expect(numberArgument("count", 0)).toBe(0);
    expect(numberArgument("count", 5, 1, 5)).toBe(5);
    for (const given of [-1, 6, 1.5, Number.NaN, Infinity, 2 ** 53, 1n, "1", null]) {
      expect(() => numberArgument("count", given, 0, 5)).toThrow(usage(/^count is .* integer from 0 to 5$/));
    }
  });

  it("are bigints where seconds and epochs are", () => {
    expect(bigintArgument("clock.now()", 5n)).toBe(5n);
    expect(() => bigintArgument("clock.now()", 5)).toThrow(
      usage(/^clock.now\(\) is number 5, expected bigint/),
    );
    for (const given of [-1n, 1n << 64n]) {
      expect(() => bigintArgument("epoch", given)).toThrow(usage(/^epoch is bigint/));
    }
  });
});

describe("functions and words", () => {
  it("are told from other things", () => {
    const allow = (): boolean => true;
    expect(functionArgument("rules.allow", allow)).toBe(allow);
    expect(() => functionArgument("rules.allow", true)).toThrow(
      usage(/^rules.allow is boolean, expected function/),
    );
    const words = ["public", "private"] as const;
    expect(choiceArgument("handshake", "public", words)).toBe("public");
    for (const given of ["Public", undefined, ["public"]]) {
      expect(() => choiceArgument("handshake", given, words)).toThrow(
        usage(/expected "public" or "private"$/),
      );
    }
  });
});

describe("a signer", () => {
  const signer = { publicKey: Uint8Array.of(1), sign: async (message: Uint8Array) => message };

  it("keeps what it was when it was given", async () => {
    const given = { ...signer, publicKey: Buffer.from([1]) };
    const taken = signerArgument(given);
    given.publicKey.fill(2);
    expect(taken.publicKey).toStrictEqual(Uint8Array.of(1));
    await expect(taken.sign(Uint8Array.of(7))).resolves.toEqual(Uint8Array.of(7));
  });

  it.each([undefined, null, "signer", {}, { ...signer, publicKey: "key" }, { ...signer, sign: 1 }])(
    "is not %o",
    (given) => {
      expect(() => signerArgument(given)).toThrow(usage(/^signer is .*publicKey.*sign/));
    },
  );

  it("is not a promise of one", () => {
    expect(() => signerArgument(Promise.resolve(signer))).toThrow(usage(/^signer is a promise: await it/));
  });
});

describe("options", () => {
  const KEYS = ["size", "aad"] as const;
  const take = (given: unknown): object =>
    optionsArgument("options", given as { size?: number; aad?: Uint8Array }, KEYS);

  it("are copied without what is undefined", () => {
    const given = { size: 1, aad: undefined };
    const taken = take(given);
    given.size = 2;
    expect(taken).toStrictEqual({ size: 1 });
    expect(take(undefined)).toEqual({});
  });

  it("may be an instance of a class", () => {
    class Options {
      get size(): number {
        return 3;
      }
    }
    expect(take(new Options())).toEqual({ size: 3 });
  });

  it("are refused when unknown, naming the known ones", () => {
    expect(() => take({ Size: 1 })).toThrow(usage(/^options has no "Size", only size, aad$/));
    for (const given of [null, 5, "size", [], Promise.resolve({}), () => ({})]) {
      expect(() => take(given)).toThrow(usage(/^options is/));
    }
  });
});
