import { concatBytes } from "@openmls-ts/traits";
import { storeFault } from "./errors.ts";

/** A number as big-endian octets. @param length 1 to 8 */
export function numberField(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Bytes with their length in front, in four octets. */
export function bytesField(value: Uint8Array): Uint8Array {
  return concatBytes(numberField(value.length, 4), value);
}

/** Reads what the functions above wrote. Everything it gives is a copy. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what for the error's text */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** @throws MlsError `ERR_MLS_STORAGE`, as all methods do, when there is not that much left */
  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw storeFault("damaged", `${this.#what} is too short`);
    }
    const part = new Uint8Array(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return part;
  }

  bigint(length: number): bigint {
    return this.take(length).reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
  }

  number(length: number): number {
    return Number(this.bigint(length));
  }

  bytes(): Uint8Array {
    return this.take(this.number(4));
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) {
      throw storeFault("damaged", `${this.#what} is too long`);
    }
  }
}
