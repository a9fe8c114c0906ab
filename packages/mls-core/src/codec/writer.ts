import { MlsError } from "@openmls-ts/traits";

/** The largest length that a vector can have (RFC 9420 §2.1.2). */
export const MAX_VECTOR_LENGTH: number = 2 ** 30 - 1;

/** A value that cannot be encoded. */
export function unencodable(message: string, rule?: string): MlsError {
  return new MlsError("ERR_MLS_ENCODE", message, rule === undefined ? {} : { rule });
}

/**
 * Bytes that the length prefix of a vector takes.
 * @throws MlsError `ERR_MLS_ENCODE` for a length above 2^30 - 1
 */
export function varintSize(length: number): 1 | 2 | 4 {
  if (length < 64) {
    return 1;
  }
  if (length < 16384) {
    return 2;
  }
  if (length <= MAX_VECTOR_LENGTH) {
    return 4;
  }
  throw unencodable(`a vector of ${length} bytes is longer than 2^30 - 1`, "rfc04"); // RFC 9420 §2.1.2
}

/** Writes into a buffer of the size computed beforehand. */
export class Writer {
  readonly data: Uint8Array;
  #position = 0;

  constructor(size: number) {
    this.data = new Uint8Array(size);
  }

  uint8(value: number): void {
    this.data[this.#position++] = value;
  }

  uint16(value: number): void {
    this.uint8(value >>> 8);
    this.uint8(value & 0xff);
  }

  uint32(value: number): void {
    this.uint16(Math.floor(value / 0x1_0000));
    this.uint16(value % 0x1_0000);
  }

  uint64(value: bigint): void {
    this.uint32(Number(value >> 32n));
    this.uint32(Number(value & 0xffff_ffffn));
  }

  bytes(value: Uint8Array): void {
    this.data.set(value, this.#position);
    this.#position += value.length;
  }

  varint(length: number): void {
    const size = varintSize(length);
    if (size === 1) {
      this.uint8(length);
    } else if (size === 2) {
      this.uint16(0x4000 + length);
    } else {
      this.uint32(0x8000_0000 + length);
    }
  }

  /** The finished bytes. @throws MlsError `ERR_MLS_INTERNAL` if sizes and writes disagree */
  finish(): Uint8Array {
    if (this.#position !== this.data.length) {
      throw new MlsError("ERR_MLS_INTERNAL", "encoded size differs from the computed one");
    }
    return this.data;
  }
}
