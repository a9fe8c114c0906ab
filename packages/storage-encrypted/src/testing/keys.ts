import { bytesKey, passphraseKey, webCryptoKey } from "../index.ts";
import type { StoreKey } from "../index.ts";

/** The least that is allowed, to be fast. */
export function somePassphrase(): StoreKey {
  return passphraseKey("correct horse battery staple", { logN: 15 });
}

export function someBytes(fill = 7): StoreKey {
  return bytesKey(new Uint8Array(32).fill(fill));
}

/** A key that nobody can read. */
export async function someCryptoKey(): Promise<StoreKey> {
  const usages: ("encrypt" | "decrypt")[] = ["encrypt", "decrypt"];
  return webCryptoKey(await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, usages));
}
