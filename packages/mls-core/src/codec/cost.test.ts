import { concatBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { mlsError } from "../testing/suites.ts";
import { decodeMlsMessage, ratchetTree } from "../wire/index.ts";
import { type Codec, decode, encode, opaque, Reader, struct, uint16s, uint8, vector } from "./index.ts";

const KIB = 1024;
const SIZES = [64 * KIB, 1024 * KIB];

/** A vector that is as long as it may be, of one element over and over. */
function bomb(element: readonly number[], size: number): Uint8Array {
  const count = Math.floor(size / element.length);
  const content = new Uint8Array(count * element.length);
  for (let i = 0; i < content.length; i++) {
    content[i] = element[i % element.length]!;
  }
  return encode(opaque, content);
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return concatBytes(...parts.map((part) => Uint8Array.from(part)));
}

const CAPABILITIES = [2, 0, 1, 2, 0, 1, 0, 0, 2, 0, 1];
const COMMIT = [0, 1, 0, 1, 1, 7, ...new Uint8Array(8), 4, 0, 3]; // PublicMessage of a new member
const BASIC = [0, 1, 1, 3];

function leaf(
  credential: Uint8Array | readonly number[],
  capabilities: Uint8Array | readonly number[],
): Uint8Array {
  return joined([1, 1, 1, 2], credential, capabilities, [2, 0, 1, 5]);
}

function keyPackage(inside: Uint8Array): Uint8Array {
  return joined([0, 1, 0, 5, 0, 1, 0, 1, 1, 9], inside, [0, 1, 7]);
}

/** What a stranger can send to make many objects of few bytes. */
const BOMBS: Readonly<Record<string, (size: number) => Uint8Array>> = {
  "a Welcome with empty entries": (size) => joined([0, 1, 0, 3, 0, 1], bomb([0, 0, 0], size), [0]),
  "a KeyPackage with empty certificates": (size) =>
    keyPackage(leaf(joined([0, 2], bomb([0], size)), CAPABILITIES)),
  "a commit with references of one byte": (size) => joined(COMMIT, bomb([2, 1, 9], size), [0, 1, 1, 1, 1]),
  "a path with empty ciphertexts": (size) =>
    joined(
      COMMIT,
      [0, 1],
      leaf(BASIC, CAPABILITIES),
      encode(opaque, joined([0], bomb([0, 0], size))),
      [1, 1, 1, 1],
    ),
  "a path with empty nodes": (size) =>
    joined(COMMIT, [0, 1], leaf(BASIC, CAPABILITIES), bomb([0, 0], size), [1, 1, 1, 1]),
};

/** A byte that is counted when it is read. */
function counted(): { readonly codec: Codec<{ readonly byte: number }>; readonly read: () => number } {
  let count = 0;
  const byte = struct<{ readonly byte: number }>({ byte: uint8 });
  return { codec: { ...byte, read: (reader) => (count++, byte.read(reader)) }, read: () => count };
}

describe("the cost of hostile input", () => {
  for (const [name, make] of Object.entries(BOMBS)) {
    it(`is bounded: ${name}`, () => {
      const [small, large] = SIZES.map(make);
      expect(() => decodeMlsMessage(large!)).toThrow(mlsError("ERR_MLS_LIMIT"));
      expect(() => decodeMlsMessage(small!, Infinity, { maxElements: 4096 })).toThrow(
        mlsError("ERR_MLS_LIMIT"),
      );
    });
  }

  it("is bounded: a tree of blanks", () => {
    expect(decode(ratchetTree, bomb([0], SIZES[0]!))).toHaveLength(SIZES[0]!);
    expect(() => decode(ratchetTree, bomb([0], SIZES[1]!))).toThrow(mlsError("ERR_MLS_LIMIT"));
  });

  it("is small for numbers: capabilities of 4 MiB make no object for each", () => {
    const before = process.memoryUsage().heapUsed;
    const list = decode(uint16s, bomb([1, 2], 4096 * KIB));
    expect(list).toHaveLength(2048 * KIB);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40 * KIB * KIB);
  });

  it("ends before the objects are made that are too many", () => {
    const few = counted();
    expect(() => decode(vector(few.codec), bomb([1], 100), { maxElements: 10 })).toThrow(
      mlsError("ERR_MLS_LIMIT"),
    );
    expect(few.read()).toBeLessThanOrEqual(21); // an object counts half
    const many = counted();
    expect(() => decode(vector(many.codec), bomb([1], SIZES[1]!))).toThrow(mlsError("ERR_MLS_LIMIT"));
    expect(many.read()).toBeLessThanOrEqual(2 * 65536 + 1);
  });

  it("grows with the input alone: one byte string for each 19 bytes", () => {
    const strings = vector(opaque);
    const roomy = bomb([40, ...new Uint8Array(40)], 4096 * KIB); // 41 bytes each, 1.5 elements
    expect(decode(strings, roomy).length).toBeGreaterThan(65536);
    let read = 0;
    const counting = vector<Uint8Array>({ ...opaque, read: (reader) => (read++, opaque.read(reader)) });
    const tight = bomb([1, 7], 4096 * KIB);
    expect(() => decode(counting, tight)).toThrow(mlsError("ERR_MLS_LIMIT"));
    expect(read).toBeLessThanOrEqual(tight.length / 19 / 1.5 + 1);
  });

  it("is counted over all vectors of one input, nested ones and those of a part included", () => {
    const nested = vector(vector(opaque));
    const bytes = encode(
      nested,
      Array.from({ length: 20 }, () => [Uint8Array.of(1)]),
    );
    expect(decode(nested, bytes)).toHaveLength(20);
    expect(() => decode(nested, bytes, { maxElements: 30 })).toThrow(mlsError("ERR_MLS_LIMIT"));
    const reader = new Reader(bytes, { maxElements: 30 });
    const inside = reader.sub(bytes.length);
    expect(() => nested.read(inside)).toThrow(mlsError("ERR_MLS_LIMIT"));
    expect(() => reader.spend(1)).toThrow(mlsError("ERR_MLS_LIMIT"));
  });
});
