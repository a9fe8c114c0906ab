import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Aead } from "@openmls-ts/hpke";
import { decryptionFailed } from "@openmls-ts/traits";

/** ChaCha20-Poly1305 in JavaScript. In a file of its own, so that bundlers can leave it out of what is loaded first. */
export function nobleChaCha(): Aead {
  return {
    async seal(key, nonce, aad, plaintext) {
      return chacha20poly1305(key, nonce, aad).encrypt(plaintext);
    },
    async open(key, nonce, aad, ciphertext) {
      try {
        return chacha20poly1305(key, nonce, aad).decrypt(ciphertext);
      } catch {
        throw decryptionFailed();
      }
    },
  };
}
