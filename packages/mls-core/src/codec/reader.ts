import { MlsError } from "@openmls-ts/traits";

/** Bytes that are not the canonical encoding of what was expected. */
export function malformed(message: string, rule?: string): MlsError {
  return new MlsError("ERR_MLS_DECODE", message, rule === undefined ? {} : { rule });
}

/** How one input is read. */
export interface ReadOptions {
  /**
   * Byte strings that any input may hold, where an object of a vector counts half, a list a quarter and a blank an
   * eighth; longer inputs may hold one for each 19 bytes. Numbers do not count. Default: 65536.
   */
  readonly maxElements?: number | undefined;
  /** What the codecs of open types look their bodies up in; see `OpenTypes`. */
  readonly types?: unknown;
}

const DEFAULT_MAX_ELEMENTS = 1 << 16;
// Trees, commits and Welcomes of the protocol need more for what counts as one.
const BYTES_PER_ELEMENT = 19;

// What reading makes, in eighths of a byte string: about as its memory.
const BYTE_STRING = 8;
/** Cost of an object in a vector, beside the byte strings and choices in it. */
export const OBJECT = 4;
/** Cost of a vector, and of a choice by a tag. */
export const LIST = 2;
/** Cost of a place in a vector. */
export const SLOT = 1;

/** A Buffer's slice() would be no copy; asking a short array for its buffer costs more than reading it does. */
function plain(data: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(data) === Uint8Array.prototype
    ? data
    : new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/**
 * Reads a structure of the TLS presentation language (RFC 9420 §2.1) strictly: every length is compared with what
 * remains before anything is allocated, what is handed out is a copy, and its number is bounded by the input's length.
 */
export class Reader {
  /** {@link ReadOptions.types} */
  readonly types: unknown;
  readonly #data: Uint8Array;
  #budget: { left: number };
  #position: number;
  #end: number;

  constructor(data: Uint8Array, options: ReadOptions = {}, start = 0, end: number = data.length) {
    this.types = options.types;
    this.#data = plain(data);
    const { maxElements = DEFAULT_MAX_ELEMENTS } = options;
    this.#budget = { left: BYTE_STRING * Math.max(maxElements, data.length / BYTES_PER_ELEMENT) };
    this.#position = start;
    this.#end = end;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) {
      throw malformed(`input ends ${length - this.remaining} bytes early`, "trap05");
    }
    this.#position += length;
    return start;
  }

  /** Accounts for what is about to be made. @throws MlsError `ERR_MLS_LIMIT` */
  spend(cost: number): void {
    this.#budget.left -= cost;
    if (this.#budget.left < 0) {
      throw new MlsError("ERR_MLS_LIMIT", "too many elements for an input of this length");
    }
  }

  uint8(): number {
    return this.#data[this.#take(1)] ?? 0;
  }

  /** The next byte, which stays to be read; -1 at the end. */
  peek(): number {
    return this.remaining > 0 ? (this.#data[this.#position] ?? -1) : -1;
  }

  uint16(): number {
    const at = this.#take(2);
    return (this.#data[at] ?? 0) * 0x100 + (this.#data[at + 1] ?? 0);
  }

  uint32(): number {
    const high = this.uint16();
    return high * 0x1_0000 + this.uint16();
  }

  uint64(): bigint {
    const high = this.uint32();
    return (BigInt(high) << 32n) | BigInt(this.uint32());
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    this.spend(BYTE_STRING);
    return this.#data.slice(start, start + length);
  }

  /** The length before a variable-size vector: 1, 2 or 4 bytes, in the shortest form (RFC 9420 §2.1.2). */
  varint(): number {
    const first = this.uint8();
    const prefix = first >> 6;
    if (prefix === 3) {
      throw malformed("vector length starts with the reserved bits 11", "rfc03"); // RFC 9420 §2.1.2
    }
    let value = first % 64;
    const extra = prefix === 0 ? 0 : prefix === 1 ? 1 : 3;
    for (let i = 0; i < extra; i++) {
      value = value * 256 + this.uint8();
    }
    if ((prefix === 1 && value < 64) || (prefix === 2 && value < 16384)) {
      throw malformed("vector length is not in its shortest form", "rfc02"); // RFC 9420 §2.1.2
    }
    if (value > this.remaining) {
      throw malformed("vector is longer than its input", "trap01");
    }
    return value;
  }

  /** Lets this reader end after the next bytes. @returns where it ended until now, for {@link leave} */
  enter(length: number): number {
    const end = this.#end;
    if (length > this.remaining) {
      throw malformed("vector is longer than its input", "trap01");
    }
    this.#end = this.#position + length;
    return end;
  }

  /** Ends what {@link enter} began. @throws MlsError `ERR_MLS_DECODE` if anything of it is left */
  leave(end: number): void {
    this.finish();
    this.#end = end;
  }

  /** A reader over the next bytes of this one, without copying them; what it makes is counted together. */
  sub(length: number): Reader {
    const start = this.#take(length);
    const reader = new Reader(this.#data, { types: this.types }, start, start + length);
    reader.#budget = this.#budget;
    return reader;
  }

  /** A copy of exactly the bytes that a codec takes. */
  raw(codec: { read(reader: Reader): unknown }): Uint8Array {
    const start = this.#position;
    codec.read(this);
    this.spend(BYTE_STRING);
    return this.#data.slice(start, this.#position);
  }

  /** @throws MlsError `ERR_MLS_DECODE` if anything is left */
  finish(): void {
    if (this.remaining !== 0) {
      throw malformed(`${this.remaining} bytes follow a complete structure`, "trap07");
    }
  }
}
