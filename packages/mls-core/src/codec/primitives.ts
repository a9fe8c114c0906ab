import { isBytes } from "@openmls-ts/traits";
import type { Codec } from "./codec.ts";
import { LIST, malformed } from "./reader.ts";
import { MAX_VECTOR_LENGTH, unencodable, varintSize } from "./writer.ts";

function checkUint(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw unencodable(`${value} is not an integer from 0 to ${max}`);
  }
}

export const uint8: Codec<number> = {
  size: (value) => (checkUint(value, 0xff), 1),
  write: (writer, value) => writer.uint8(value),
  read: (reader) => reader.uint8(),
};

export const uint16: Codec<number> = {
  size: (value) => (checkUint(value, 0xffff), 2),
  write: (writer, value) => writer.uint16(value),
  read: (reader) => reader.uint16(),
};

export const uint32: Codec<number> = {
  size: (value) => (checkUint(value, 0xffff_ffff), 4),
  write: (writer, value) => writer.uint32(value),
  read: (reader) => reader.uint32(),
};

export const uint64: Codec<bigint> = {
  size: (value) => {
    if (typeof value !== "bigint" || value < 0n || value > 0xffff_ffff_ffff_ffffn) {
      throw unencodable(`${value} is not an integer from 0 to 2^64 - 1`);
    }
    return 8;
  },
  write: (writer, value) => writer.uint64(value),
  read: (reader) => reader.uint64(),
};

/** The length of bytes that stand without one. @throws MlsError `ERR_MLS_ENCODE` */
export function bareSize(value: Uint8Array): number {
  if (!isBytes(value)) {
    throw unencodable("expected a Uint8Array");
  }
  return value.length;
}

/** `opaque value<V>` of at most `max` bytes */
export function opaqueUpTo(max: number): Codec<Uint8Array> {
  return {
    size: (value) => {
      if (!isBytes(value) || value.length > max) {
        throw unencodable(`expected a Uint8Array of at most ${max} bytes`);
      }
      return varintSize(value.length) + value.length;
    },
    write: (writer, value) => {
      writer.varint(value.length);
      writer.bytes(value);
    },
    read: (reader) => {
      const length = reader.varint();
      if (length > max) {
        throw malformed(`${length} bytes where at most ${max} are sane`);
      }
      return reader.bytes(length);
    },
  };
}

/** `opaque value<V>` */
export const opaque: Codec<Uint8Array> = opaqueUpTo(MAX_VECTOR_LENGTH);

function numbers(element: Codec<number>, width: 2 | 4): Codec<readonly number[]> {
  return {
    size: (values) => {
      for (const value of values) {
        element.size(value);
      }
      return varintSize(width * values.length) + width * values.length;
    },
    write: (writer, values) => {
      writer.varint(width * values.length);
      for (const value of values) {
        element.write(writer, value);
      }
    },
    read: (reader) => {
      reader.spend(LIST);
      const length = reader.varint();
      if (length % width !== 0) {
        throw malformed("a vector ends inside of a number", "trap05");
      }
      const values = new Array<number>(length / width);
      for (let i = 0; i < values.length; i++) {
        values[i] = element.read(reader);
      }
      return values;
    },
  };
}

/** `uint16 values<V>`, without an object for each */
export const uint16s: Codec<readonly number[]> = numbers(uint16, 2);

/** `uint32 values<V>`, without an object for each */
export const uint32s: Codec<readonly number[]> = numbers(uint32, 4);

/** `opaque value[length]` */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    size: (value) => {
      if (value.length !== length) {
        throw unencodable(`expected ${length} bytes, not ${value.length}`);
      }
      return length;
    },
    write: (writer, value) => writer.bytes(value),
    read: (reader) => reader.bytes(length),
  };
}

/** An enum that takes only its assigned values. */
export function closedEnum<T extends number>(
  name: string,
  base: Codec<number>,
  values: Record<string, T>,
): Codec<T> {
  const assigned = new Set<number>(Object.values(values));
  const isAssigned = (value: number): value is T => assigned.has(value);
  return {
    size: (value) => {
      if (!isAssigned(value)) {
        throw unencodable(`${String(value)} is no ${name}`);
      }
      return base.size(value);
    },
    write: (writer, value) => base.write(writer, value),
    read: (reader) => {
      const value = base.read(reader);
      if (!isAssigned(value)) {
        throw malformed(`${value} is no ${name}`, "rfc05");
      }
      return value;
    },
  };
}
