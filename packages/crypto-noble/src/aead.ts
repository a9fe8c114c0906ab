import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Aead } from "@openmls-ts/hpke";
import { decryptionFailed } from "@openmls-ts/traits";

// AES takes its size from the key.
const CIPHERS = {
  "AES-128-GCM": gcm,
  "AES-256-GCM": gcm,
  "ChaCha20-Poly1305": chacha20poly1305,
} as const;

/** An AEAD of RFC 9180 §7.3. Keys and nonces have the right length when they arrive here. */
export function nobleAead(name: "AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305"): Aead {
  const cipher = CIPHERS[name];
  return {
    async seal(key, nonce, aad, plaintext) {
      return cipher(key, nonce, aad).encrypt(plaintext);
    },
    async open(key, nonce, aad, ciphertext) {
      try {
        return cipher(key, nonce, aad).decrypt(ciphertext);
      } catch {
        throw decryptionFailed();
      }
    },
  };
}
