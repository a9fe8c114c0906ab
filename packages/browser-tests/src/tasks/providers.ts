import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import type { CryptoProvider } from "@openmls-ts/traits";

/** The crypto providers that run in a browser. */
export const PROVIDERS = ["noble", "webcrypto"] as const;

export type ProviderName = (typeof PROVIDERS)[number];

export function cryptoNamed(name: ProviderName): CryptoProvider {
  return name === "noble" ? nobleCrypto() : webCrypto();
}
