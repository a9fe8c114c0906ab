import type { Codec } from "./codec.ts";
import { LIST, malformed, OBJECT, type Reader, SLOT } from "./reader.ts";
import { varintSize, type Writer } from "./writer.ts";

/** The codec of each field, in wire order. */
export type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

/** A struct: its fields in the order in which they are listed. */
export function struct<T extends object>(fields: Fields<T>): Codec<T> {
  const names = Object.keys(fields) as (keyof T)[];
  const codecs: readonly Codec<T[keyof T]>[] = names.map((name) => fields[name]);
  const cost = names.length > 3 ? OBJECT : 0; // engines keep more than a few fields in a second object
  return {
    size: (value) => {
      let size = 0;
      for (let i = 0; i < names.length; i++) {
        size += codecs[i]!.size(value[names[i]!]);
      }
      return size;
    },
    write: (writer, value) => {
      for (let i = 0; i < names.length; i++) {
        codecs[i]!.write(writer, value[names[i]!]);
      }
    },
    read: (reader) => {
      reader.spend(cost);
      const value: Partial<T> = {};
      for (let i = 0; i < names.length; i++) {
        value[names[i]!] = codecs[i]!.read(reader);
      }
      return value as T;
    },
  };
}

function contentSize<T>(element: Codec<T>, values: readonly T[]): number {
  let size = 0;
  for (const value of values) {
    size += element.size(value);
  }
  return size;
}

/** Engines give a list that grows room for about so many values, which a short one in each leaf would never use. */
const SPARE = 16;

/** `T values<V>`. Every element must take at least one byte. For numbers there are {@link uint16s} and {@link uint32s}. */
export function vector<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    size: (values) => {
      const size = contentSize(element, values);
      return varintSize(size) + size;
    },
    write: (writer, values) => {
      writer.varint(contentSize(element, values));
      for (const value of values) {
        element.write(writer, value);
      }
    },
    read: (reader) => {
      reader.spend(LIST);
      const end = reader.enter(reader.varint());
      const values: T[] = [];
      for (let left = reader.remaining; left > 0; left = reader.remaining) {
        reader.spend(SLOT);
        const value = element.read(reader);
        if (reader.remaining === left) {
          throw malformed("a vector element takes no bytes", "trap01");
        }
        if (value !== undefined) {
          reader.spend(OBJECT - SLOT);
        }
        values.push(value);
      }
      reader.leave(end);
      return values.length < SPARE ? values.slice() : values;
    },
  };
}

/** `optional<T>` (RFC 9420 §2.1.1) */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    size: (value) => (value === undefined ? 1 : 1 + codec.size(value)),
    write: (writer, value) => {
      writer.uint8(value === undefined ? 0 : 1);
      if (value !== undefined) {
        codec.write(writer, value);
      }
    },
    read: (reader) => {
      const present = reader.uint8();
      if (present > 1) {
        throw malformed(`presence octet is ${present}`, "rfc01"); // RFC 9420 §2.1.1
      }
      return present === 0 ? undefined : codec.read(reader);
    },
  };
}

/** The codec of every variant of a union without its tag. */
export type Variants<U, K extends keyof U> = {
  readonly [V in U[K] & number]: Codec<Omit<Extract<U, Record<K, V>>, K>>;
};

/**
 * A struct that starts with a tag and selects the rest by it. A tag without a variant is read and written by
 * `fallback`, where there is one.
 */
export function select<U extends object, K extends keyof U & string>(
  tag: K,
  tagCodec: Codec<U[K] & number>,
  variants: Variants<U, K>,
  fallback?: Codec<object>,
): Codec<U> {
  const table = variants as Readonly<Record<number, Codec<object>>>;
  const pick = (value: number): Codec<object> => {
    const codec = table[value] ?? fallback;
    if (codec === undefined) {
      throw malformed(`${tag} ${value} selects nothing`, "rfc05");
    }
    return codec;
  };
  return {
    size: (value) => {
      const at = value[tag] as U[K] & number;
      return tagCodec.size(at) + pick(at).size(value);
    },
    write: (writer, value) => {
      const at = value[tag] as U[K] & number;
      tagCodec.write(writer, at);
      pick(at).write(writer, value);
    },
    read: (reader) => {
      const at = tagCodec.read(reader);
      reader.spend(LIST);
      const value = pick(at).read(reader) as Partial<U>; // made just now, so it may be completed
      value[tag] = at;
      return value as U;
    },
  };
}

/** Nothing at all: the body of a variant without fields. */
export const empty: Codec<object> = {
  size: () => 0,
  write: () => undefined,
  read: () => ({}),
};

/** A codec whose values are checked after they are read. */
export function checked<T>(codec: Codec<T>, check: (value: T) => void): Codec<T> {
  return {
    size: (value) => codec.size(value),
    write: (writer, value) => codec.write(writer, value),
    read: (reader) => {
      const value = codec.read(reader);
      check(value);
      return value;
    },
  };
}

/** Two codecs one after the other over one object: for structs whose tail depends on their head. */
export function dependent<H extends object, T extends object>(
  head: Codec<H>,
  tail: (head: H) => Codec<T>,
): Codec<H & T> {
  return {
    size: (value) => head.size(value) + tail(value).size(value),
    write: (writer: Writer, value) => {
      head.write(writer, value);
      tail(value).write(writer, value);
    },
    read: (reader: Reader) => {
      const first = head.read(reader); // made just now, so it may be completed
      return Object.assign(first, tail(first).read(reader));
    },
  };
}
