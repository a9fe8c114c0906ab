import { isBytes, MlsError } from "@openmls-ts/traits";
import { Reader, type ReadOptions } from "./reader.ts";
import { Writer } from "./writer.ts";

/** How one type stands on the wire. */
export interface Codec<T> {
  /** Exact number of bytes that {@link write} produces. Checks ranges, so that writing cannot fail. */
  size(value: T): number;
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

/** @throws MlsError `ERR_MLS_ENCODE` */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer(codec.size(value));
  codec.write(writer, value);
  return writer.finish();
}

/**
 * Decodes exactly one value from the whole input, or from all of it that comes after `start` bytes.
 * @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_LIMIT` for more elements than its length allows, `ERR_MLS_USAGE` for what
 *   is no `Uint8Array`, or `ERR_MLS_VALIDATION` where a structure checks a rule as it is read
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, options?: ReadOptions, start = 0): T {
  if (!isBytes(bytes)) {
    throw new MlsError("ERR_MLS_USAGE", "expected a Uint8Array");
  }
  const reader = new Reader(bytes, options, start);
  const value = codec.read(reader);
  reader.finish();
  return value;
}
