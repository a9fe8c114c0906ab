import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import type { CryptoProvider } from "@openmls-ts/traits";

/** The crypto providers that scenarios run on. */
export function providers(): [name: string, crypto: CryptoProvider][] {
  return [
    ["noble", nobleCrypto()],
    ["node", nodeCrypto()],
    ["webcrypto", webCrypto()],
  ];
}
