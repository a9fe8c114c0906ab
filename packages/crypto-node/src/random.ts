import { randomFillSync } from "node:crypto";

/** Cryptographically secure random bytes in an array of their own. */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}
