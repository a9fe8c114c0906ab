import type { WebCryptoLike } from "./subtle.ts";

/** The most that one call of getRandomValues gives (Web Cryptography API §10.1.1). */
const QUOTA = 65_536;

/** Random bytes in any number. */
export function randomSource(crypto: WebCryptoLike): (length: number) => Uint8Array {
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += QUOTA) {
      crypto.getRandomValues(bytes.subarray(at, at + QUOTA));
    }
    return bytes;
  };
}
