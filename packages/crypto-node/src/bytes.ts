import type { Buffer } from "node:buffer";

/**
 * A `Buffer` as a plain `Uint8Array` that owns its memory. A `Buffer` must not leave this package: its `slice` is a
 * view where that of a `Uint8Array` is a copy, and small ones share one pool.
 */
export function plainBytes(buffer: Buffer): Uint8Array {
  return buffer.buffer.byteLength === buffer.length
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    : Uint8Array.from(buffer);
}
