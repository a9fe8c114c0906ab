import type { MlKemLevel } from "./engine.ts";

const Q = 3329;
const RHO = 32;

/** Bytes of an ML-KEM public key: 384·k of coefficients and ρ (FIPS 203 §8, table 3). */
export function encapsulationKeyLength(level: MlKemLevel): number {
  return 384 * (level / 256) + RHO;
}

/** The encapsulation key check (FIPS 203 §7.2): the right length, and every coefficient below q. */
export function isEncapsulationKey(level: MlKemLevel, key: Uint8Array): boolean {
  if (key.length !== encapsulationKeyLength(level)) {
    return false;
  }
  for (let at = 0; at < key.length - RHO; at += 3) {
    const [a = 0, b = 0, c = 0] = [key[at], key[at + 1], key[at + 2]];
    if (a + (b & 15) * 256 >= Q || (b >> 4) + c * 16 >= Q) {
      return false;
    }
  }
  return true;
}
