import { MlsError } from "@openmls-ts/traits";

/** Bytes that are not the canonical encoding of what was expected. */
export function malformed(message: string, rule?: string): MlsError {
  return new MlsError("ERR_MLS_DECODE", message, rule === undefined ? {} : { rule });
}

/**
 * Reads a structure of the TLS presentation language (RFC 9420 §2.1) strictly: every length is compared with what
 * remains before anything is allocated, and what is handed out is a copy.
 */
export class Reader {
  readonly #data: Uint8Array;
  #position: number;
  readonly #end: number;

  constructor(data: Uint8Array, start = 0, end: number = data.length) {
    this.#data = new Uint8Array(data.buffer, data.byteOffset, data.length); // a Buffer's slice() would be no copy
    this.#position = start;
    this.#end = end;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  #take(length: number): number {
    if (length > this.remaining) {
      throw malformed(`input ends ${length - this.remaining} bytes early`, "trap05");
    }
    const start = this.#position;
    this.#position += length;
    return start;
  }

  uint8(): number {
    return this.#data[this.#take(1)] ?? 0;
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

  /** A reader over the next bytes of this one, without copying them. */
  sub(length: number): Reader {
    const start = this.#take(length);
    return new Reader(this.#data, start, start + length);
  }

  /** @throws MlsError `ERR_MLS_DECODE` if anything is left */
  finish(): void {
    if (this.remaining !== 0) {
      throw malformed(`${this.remaining} bytes follow a complete structure`, "trap07");
    }
  }
}
