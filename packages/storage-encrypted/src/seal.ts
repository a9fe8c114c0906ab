import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes } from "@openmls-ts/traits";
import { randomBytes } from "./random.ts";

/** Length of a nonce of XChaCha20-Poly1305, in bytes. */
export const NONCE_LENGTH = 24;
/** What sealing adds: nonce and tag, in bytes. */
export const SEAL_OVERHEAD: number = NONCE_LENGTH + 16;

/**
 * XChaCha20-Poly1305 with a fresh random nonce in front. 192 random bits do not repeat, whoever writes: two processes, or
 * one that was restored from a snapshot, need no counter in common. A counter, or the 96 bits of AES-GCM, would.
 */
export function seal(key: Uint8Array, context: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_LENGTH);
  return concatBytes(nonce, xchacha20poly1305(key, nonce, context).encrypt(plaintext));
}

/** What was sealed with this key for this context, or `undefined`. */
export function unseal(key: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_OVERHEAD) {
    return undefined;
  }
  const nonce = sealed.subarray(0, NONCE_LENGTH);
  try {
    return xchacha20poly1305(key, nonce, context).decrypt(sealed.subarray(NONCE_LENGTH));
  } catch {
    return undefined;
  }
}
