import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import type { CryptoProvider } from "@openmls-ts/traits";

/** The providers under test, by the names of their packages. */
export const providers: Readonly<Record<string, () => CryptoProvider>> = {
  "crypto-node": nodeCrypto,
  "crypto-noble": nobleCrypto,
  "crypto-webcrypto": webCrypto,
};

export const providerNames: readonly string[] = Object.keys(providers);

const made = new Map<string, CryptoProvider>();

/** One instance for each name, so that it probes its runtime once. */
export function providerNamed(name: string): CryptoProvider {
  const make = providers[name];
  if (make === undefined) {
    throw new RangeError(`unknown provider ${name}; one of: ${providerNames.join(", ")}`);
  }
  const provider = made.get(name) ?? make();
  made.set(name, provider);
  return provider;
}
