import { varintSize } from "../../codec/index.ts";

/**
 * How many zero bytes follow an application message, so that all messages of one padded size look alike: the length
 * prefix of the data counts too (RFC 9420 §15.1).
 * @param size of the data, in bytes
 * @param paddingSize a number whose multiples are padded sizes, 0 or 1 for none, or `padme`
 */
export function paddingFor(size: number, paddingSize: number | "padme"): number {
  const block = paddingSize === "padme" ? padmeBlock(size) : paddingSize;
  if (block <= 1) {
    return 0;
  }
  const padded = Math.ceil(size / block) * block;
  return padded + varintSize(padded) - size - varintSize(size);
}

/**
 * Padmé (Nikitin and others, “Reducing Metadata Leakage from Encrypted Files and Communication with PURBs”, 2019): of a
 * length with exponent E only the first ⌊log2 E⌋ + 1 bits after the leading one may differ from zero.
 */
function padmeBlock(size: number): number {
  if (size < 2) {
    return 1;
  }
  const exponent = 31 - Math.clz32(size);
  const kept = 32 - Math.clz32(exponent);
  return 2 ** Math.max(0, exponent - kept);
}
