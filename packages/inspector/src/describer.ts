import { bytesToHex } from "@openmls-ts/traits";
import type { Field } from "./field.ts";

/** What stops a description: what is wrong, and where. */
export class Malformed extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** A field that is being read. */
type Draft = { -readonly [K in keyof Field]: Field[K] } & { children?: Draft[] };

/** Options of one field. */
export interface FieldOptions {
  readonly section?: string;
  readonly note?: string;
}

/** Numbers by name, as the RFC's tables have them. */
export type Names = Readonly<Record<number, string>>;

/** Fields kept for one input. What is beyond is read and not described, so that no input costs more than its bytes. */
export const MAX_FIELDS: number = 200_000;

/**
 * Reads structures of the TLS presentation language (RFC 9420 §2.1) and remembers what stood where. What was read before something
 * breaks off stays.
 */
export class Describer {
  readonly #bytes: Uint8Array;
  #position = 0;
  #end: number;
  #parent: Draft;
  #fields = 0;
  readonly root: Field;

  constructor(bytes: Uint8Array, type: string) {
    this.#bytes = new Uint8Array(bytes); // a Buffer's slice() would be no copy
    this.#end = bytes.length;
    this.#parent = { name: type, type, offset: 0, length: bytes.length };
    this.root = this.#parent;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** The next bytes, which stay to be read. */
  peek(length: number): Uint8Array {
    return this.#bytes.subarray(this.#position, Math.min(this.#end, this.#position + length));
  }

  /** A structure: its fields are read by `read`. */
  struct(name: string, type: string, read: () => void, options: FieldOptions = {}): Draft {
    return this.#within(name, type, options, read);
  }

  /** What is wrong with what was read, though it could be read. */
  complain(problem: string): never {
    throw new Malformed(this.#position, problem);
  }

  /** A number of 1, 2 or 4 bytes. */
  number(name: string, size: 1 | 2 | 4, names?: Names, options: FieldOptions = {}): number {
    let value = 0;
    this.#within(name, `uint${8 * size}`, options, (draft) => {
      for (const octet of this.#take(size)) value = value * 256 + octet;
      const known = names?.[value];
      const shown = size === 1 ? String(value) : `${value} (0x${value.toString(16).padStart(2 * size, "0")})`;
      draft.value = known === undefined ? shown : `${known} = ${shown}`;
      if (names !== undefined && known === undefined) {
        draft.note = isGrease(value) && size === 2 ? "GREASE (RFC 9420 §13.5)" : "not one of RFC 9420";
      }
    });
    return value;
  }

  /** A number of 8 bytes. @param show what it means */
  uint64(name: string, show?: (value: bigint) => string, options: FieldOptions = {}): bigint {
    let value = 0n;
    this.#within(name, "uint64", options, (draft) => {
      for (const octet of this.#take(8)) value = (value << 8n) | BigInt(octet);
      draft.value = show === undefined ? String(value) : `${value} (${show(value)})`;
    });
    return value;
  }

  /** `opaque<V>`. @param show in the place of hexadecimal */
  opaque(
    name: string,
    options: FieldOptions & { readonly show?: (bytes: Uint8Array) => string } = {},
  ): Uint8Array {
    let bytes: Uint8Array = new Uint8Array();
    this.#within(name, "opaque<V>", options, (draft) => {
      const length = this.#varint();
      bytes = this.#take(length);
      draft.value = options.show?.(bytes) ?? (length === 0 ? "empty" : hexOf(bytes));
      draft.note ??= `${length} bytes`;
    });
    return bytes;
  }

  /** `opaque<V>` whose inside is a structure too. */
  inside(name: string, type: string, read: (length: number) => void, options: FieldOptions = {}): void {
    this.#within(name, type, options, () => {
      const length = this.#varint();
      this.#limited(length, () => read(length));
    });
  }

  /** `T name<V>`: a vector whose elements `read` reads one by one. */
  vector(name: string, type: string, read: (index: number) => void, options: FieldOptions = {}): number {
    let count = 0;
    this.#within(name, `${type}<V>`, options, (draft) => {
      const length = this.#varint();
      this.#limited(length, () => {
        while (this.remaining > 0) {
          const before = this.#position;
          read(count++);
          if (this.#position === before) throw new Malformed(before, "an element takes no bytes");
        }
      });
      draft.value = count === 0 ? "none" : `${count}`;
    });
    return count;
  }

  /** `optional<T>` (RFC 9420 §2.1.1). */
  optional(name: string, type: string, read: () => void, options: FieldOptions = {}): boolean {
    let present = 0;
    this.#within(name, `optional<${type}>`, options, (draft) => {
      [present = 0] = this.#take(1);
      if (present > 1) throw new Malformed(this.#position - 1, `the presence octet is ${present}`);
      if (present === 0) draft.value = "absent";
      else read();
    });
    return present === 1;
  }

  /** All that is left. */
  rest(name: string, note: string): void {
    this.#within(name, "opaque", { note }, (draft) => {
      draft.value = hexOf(this.#take(this.remaining));
    });
  }

  /** @throws Malformed if anything is left */
  finish(): void {
    if (this.remaining > 0) {
      throw new Malformed(this.#position, `${this.remaining} bytes follow the complete structure`);
    }
  }

  #within(name: string, type: string, options: FieldOptions, read: (draft: Draft) => void): Draft {
    const { section, note } = options;
    const draft: Draft = {
      name,
      type,
      ...(section === undefined ? {} : { section: `RFC 9420 §${section}` }),
      offset: this.#position,
      length: 0,
      ...(note === undefined ? {} : { note }),
    };
    const parent = this.#parent;
    if (this.#fields++ < MAX_FIELDS) (parent.children ??= []).push(draft);
    this.#parent = draft;
    try {
      read(draft);
    } catch (error) {
      if (error instanceof Malformed && parent.problem === undefined && !hasProblem(draft)) {
        draft.problem = error.message;
      }
      throw error;
    } finally {
      draft.length = this.#position - draft.offset;
      this.#parent = parent;
    }
    return draft;
  }

  #limited(length: number, read: () => void): void {
    const end = this.#end;
    this.#end = this.#position + length;
    read();
    if (this.remaining > 0) {
      throw new Malformed(this.#position, `${this.remaining} bytes are left in a vector`);
    }
    this.#end = end;
  }

  #take(length: number): Uint8Array {
    if (length > this.remaining) {
      const missing = length - this.remaining;
      const at = this.#position;
      throw new Malformed(at, `the input ends ${missing} bytes early`);
    }
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** RFC 9420 §2.1.2 */
  #varint(): number {
    const at = this.#position;
    const [first = 0] = this.#take(1);
    const prefix = first >> 6;
    if (prefix === 3) throw new Malformed(at, "a vector length begins with the reserved bits 11");
    let value = first & 63;
    for (const octet of this.#take([0, 1, 3][prefix]!)) value = value * 256 + octet;
    if ((prefix === 1 && value < 64) || (prefix === 2 && value < 16384)) {
      throw new Malformed(at, "a vector length is not in its shortest form");
    }
    if (value > this.remaining) {
      throw new Malformed(at, `a vector of ${value} bytes where ${this.remaining} are left`);
    }
    return value;
  }
}

function hasProblem({ problem, children }: Field): boolean {
  return problem !== undefined || (children?.some(hasProblem) ?? false);
}

const SHOWN = 64;

/** Hexadecimal, of long strings the beginning. */
export function hexOf(bytes: Uint8Array): string {
  return bytes.length <= SHOWN ? bytesToHex(bytes) : `${bytesToHex(bytes.subarray(0, SHOWN))}…`;
}

/** RFC 9420 §13.5 */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff) && value !== 0xfafa;
}
