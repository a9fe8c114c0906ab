import { hexToBytes } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itPasses } from "../testing/vectors.ts";
import { mlsError } from "../testing/suites.ts";
import {
  checked,
  closedEnum,
  type Codec,
  decode,
  dependent,
  empty,
  encode,
  fixed,
  MAX_VECTOR_LENGTH,
  opaque,
  optional,
  Reader,
  select,
  struct,
  uint16,
  uint32,
  uint64,
  uint8,
  varintSize,
  vector,
  Writer,
} from "./index.ts";

describe("vector lengths", () => {
  itPasses(
    ["mls/deserialization.json"],
    async ({ vlbytes_header, length }: { vlbytes_header: string; length: number }) => {
      const header = hexToBytes(vlbytes_header);
      // only the header exists: some of these lengths are close to 2^30
      expect(new Reader(header, {}, 0, header.length + length).varint()).toBe(length);
      const writer = new Writer(varintSize(length));
      writer.varint(length);
      expect(writer.finish()).toEqual(header);
    },
  );

  it.each([
    [0, "00"],
    [63, "3f"],
    [64, "4040"],
    [16383, "7fff"],
    [16384, "80004000"],
    [MAX_VECTOR_LENGTH, "bfffffff"],
  ])("%i is written in the shortest form (trap06)", (length, hex) => {
    const writer = new Writer(varintSize(length));
    writer.varint(length);
    expect(writer.finish()).toEqual(hexToBytes(hex));
  });

  it("refuses to write more than 2^30 - 1 (rfc04)", () => {
    expect(() => varintSize(2 ** 30)).toThrow(mlsError("ERR_MLS_ENCODE", "rfc04"));
    expect(() => new Writer(4).varint(2 ** 32)).toThrow(mlsError("ERR_MLS_ENCODE", "rfc04"));
  });

  it.each(["403f", "4000", "8000003f", "80003fff"])("refuses the longer form %s (rfc02)", (hex) => {
    const input = new Uint8Array(20000);
    input.set(hexToBytes(hex));
    expect(() => new Reader(input).varint()).toThrow(mlsError("ERR_MLS_DECODE", "rfc02"));
  });

  it.each([0xc0, 0xc1, 0xff])("refuses the reserved prefix in %i (rfc03)", (first) => {
    const input = new Uint8Array(100).fill(first);
    expect(() => decode(opaque, input)).toThrow(mlsError("ERR_MLS_DECODE", "rfc03"));
  });

  it.each(["bfffffff00", "7fff0000", "8001000000", "0100ff"])(
    "refuses %s before anything is allocated (trap01)",
    (hex) => {
      expect(() => decode(vector(opaque), hexToBytes(hex))).toThrow(mlsError("ERR_MLS_DECODE"));
    },
  );
});

describe("numbers", () => {
  it.each([0, 1, 2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])(
    "uint32 %i survives (trap02)",
    (value) => {
      expect(decode(uint32, encode(uint32, value))).toBe(value);
    },
  );

  it.each([0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    "uint64 %s survives (trap02)",
    (value) => {
      expect(decode(uint64, encode(uint64, value))).toBe(value);
    },
  );

  it.each([
    [uint8, 256],
    [uint8, -1],
    [uint16, 65536],
    [uint32, 2 ** 32],
    [uint32, 0.5],
    [uint32, Number.NaN],
  ])("out of range is a typed error", (codec, value) => {
    expect(() => encode(codec, value)).toThrow(mlsError("ERR_MLS_ENCODE"));
  });

  it("refuses a uint64 out of range", () => {
    expect(() => encode(uint64, 2n ** 64n)).toThrow(mlsError("ERR_MLS_ENCODE"));
    expect(() => encode(uint64, -1n)).toThrow(mlsError("ERR_MLS_ENCODE"));
  });

  it("round trips", () => {
    const row = struct<{ a: number; b: number; c: number; d: bigint }>({
      a: uint8,
      b: uint16,
      c: uint32,
      d: uint64,
    });
    const arbitrary = fc.record({
      a: fc.integer({ min: 0, max: 0xff }),
      b: fc.integer({ min: 0, max: 0xffff }),
      c: fc.integer({ min: 0, max: 0xffff_ffff }),
      d: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(decode(row, encode(row, value))).toEqual(value);
      }),
    );
  });
});

describe("optional", () => {
  it("writes and reads both cases", () => {
    expect(encode(optional(uint8), undefined)).toEqual(Uint8Array.of(0));
    expect(encode(optional(uint8), 7)).toEqual(Uint8Array.of(1, 7));
    expect(decode(optional(uint8), Uint8Array.of(0))).toBeUndefined();
    expect(decode(optional(uint8), Uint8Array.of(1, 7))).toBe(7);
  });

  it.each([2, 0x80, 0xff])("refuses the presence octet %i (rfc01)", (octet) => {
    expect(() => decode(optional(uint8), Uint8Array.of(octet, 7))).toThrow(
      mlsError("ERR_MLS_DECODE", "rfc01"),
    );
  });

  it("takes a missing presence octet for an error, not for absence (trap05)", () => {
    expect(() => decode(optional(uint8), new Uint8Array())).toThrow(mlsError("ERR_MLS_DECODE", "trap05"));
  });
});

const Colour = { red: 1, green: 2 } as const;
type Colour = (typeof Colour)[keyof typeof Colour];
const colour = closedEnum<Colour>("Colour", uint8, Colour);
type Paint =
  | { readonly colour: typeof Colour.red; readonly depth: number }
  | { readonly colour: typeof Colour.green; readonly names: readonly Uint8Array[] };
const paint: Codec<Paint> = select<Paint, "colour">("colour", colour, {
  [Colour.red]: struct<{ readonly depth: number }>({ depth: uint32 }),
  [Colour.green]: struct<{ readonly names: readonly Uint8Array[] }>({ names: vector(opaque) }),
});

describe("closed enums and selection", () => {
  it.each([0, 3, 255])("refuses the unassigned value %i (rfc05)", (value) => {
    expect(() => decode(colour, Uint8Array.of(value))).toThrow(mlsError("ERR_MLS_DECODE", "rfc05"));
    expect(() => encode(colour as Codec<number>, value)).toThrow(mlsError("ERR_MLS_ENCODE"));
  });

  it("reads the variant that the tag names", () => {
    const green: Paint = { colour: Colour.green, names: [Uint8Array.of(1), new Uint8Array()] };
    expect(decode(paint, encode(paint, green))).toEqual(green);
  });

  it("has no variant for other tags", () => {
    const open = select<{ tag: number }, "tag">("tag", uint8, { [1]: empty });
    expect(() => decode(open, Uint8Array.of(2))).toThrow(mlsError("ERR_MLS_DECODE", "rfc05"));
    expect(decode(open, Uint8Array.of(1))).toEqual({ tag: 1 });
  });

  it("hands unknown tags to a fallback", () => {
    const open = select<{ tag: number }, "tag">(
      "tag",
      uint8,
      { [1]: empty },
      struct<{ rest: number }>({ rest: uint8 }),
    );
    expect(decode(open, Uint8Array.of(9, 4))).toEqual({ tag: 9, rest: 4 });
  });
});

describe("structures", () => {
  const sample: {
    readonly paints: readonly Paint[];
    readonly key: Uint8Array;
    readonly note: Uint8Array | undefined;
  } = {
    paints: [
      { colour: Colour.red, depth: 70000 },
      { colour: Colour.green, names: [new Uint8Array(70)] },
    ],
    key: Uint8Array.of(1, 2, 3, 4),
    note: new Uint8Array(3),
  };
  const codec = struct<typeof sample>({ paints: vector(paint), key: fixed(4), note: optional(opaque) });

  it("refuses truncation at every byte (trap05)", () => {
    const whole = encode(codec, sample);
    expect(decode(codec, whole)).toEqual(sample);
    for (let cut = 0; cut < whole.length; cut++) {
      expect(() => decode(codec, whole.subarray(0, cut))).toThrow(mlsError("ERR_MLS_DECODE"));
    }
  });

  it("refuses bytes after the end (trap07)", () => {
    for (const extra of [0, 1]) {
      const input = Uint8Array.of(...encode(codec, sample), extra);
      expect(() => decode(codec, input)).toThrow(mlsError("ERR_MLS_DECODE", "trap07"));
    }
  });

  it("copies what it keeps and respects the offset of a view (trap08)", () => {
    const bytes = encode(codec, sample);
    for (const offset of [0, 1, 7]) {
      const buffer = new Uint8Array(bytes.length + 20).fill(0xee);
      buffer.set(bytes, offset);
      const value = decode(codec, buffer.subarray(offset, offset + bytes.length));
      buffer.fill(0);
      expect(value).toEqual(sample);
    }
  });

  it("refuses a vector element that takes no bytes (trap01)", () => {
    const nothing: Codec<object> = { size: () => 0, write: () => undefined, read: () => ({}) };
    expect(() => decode(vector(nothing), Uint8Array.of(1, 1))).toThrow(mlsError("ERR_MLS_DECODE", "trap01"));
  });

  it("refuses a fixed length that differs", () => {
    expect(() => encode(fixed(4), new Uint8Array(5))).toThrow(mlsError("ERR_MLS_ENCODE"));
  });

  it("refuses what is not bytes", () => {
    expect(() => decode(uint8, "00" as unknown as Uint8Array)).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("notices a codec that writes something else than it announced", () => {
    const liar: Codec<number> = { size: () => 2, write: (writer) => writer.uint8(1), read: () => 1 };
    expect(() => encode(liar, 1)).toThrow(mlsError("ERR_MLS_INTERNAL"));
  });

  it("runs a check after reading and lets a tail depend on its head", () => {
    const even = checked(uint8, (value) => expect(value % 2).toBe(0));
    const counted = dependent<{ n: number }, { body: Uint8Array }>(
      struct<{ n: number }>({ n: even }),
      ({ n }) => struct<{ body: Uint8Array }>({ body: fixed(n) }),
    );
    const value = { n: 2, body: Uint8Array.of(8, 9) };
    expect(decode(counted, encode(counted, value))).toEqual(value);
  });
});
