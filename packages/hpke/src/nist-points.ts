import { bytesToHex } from "@openmls-ts/traits";
import type { NistCurve } from "./nist-curves.ts";
import { isUncompressedPoint, NIST_CURVES } from "./nist-curves.ts";

/** The primes of the fields (SP 800-186 §3.2.1); computed when asked for, not when imported. */
const PRIMES: Readonly<Record<NistCurve, () => bigint>> = {
  "P-256": () => 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  "P-384": () => 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  "P-521": () => 2n ** 521n - 1n,
};

function coordinates(point: Uint8Array): [x: bigint, y: bigint] {
  const hex = bytesToHex(point.subarray(1));
  const half = hex.length / 2;
  return [BigInt(`0x${hex.slice(0, half)}`), BigInt(`0x${hex.slice(half)}`)];
}

/**
 * Whether bytes are an uncompressed point of the curve (SEC 1 §3.2.2.1), for runtimes that look at points only when they
 * compute with them, if at all. Public values only: the time taken depends on them.
 */
export function isNistPoint(curve: NistCurve, point: Uint8Array): boolean {
  if (!isUncompressedPoint(curve, point)) {
    return false;
  }
  const p = PRIMES[curve]();
  const [x, y] = coordinates(point);
  const [gx, gy] = coordinates(NIST_CURVES[curve].generator);
  // y² = x³ - 3x + b, and the generator knows b.
  const b = gy * gy - gx * gx * gx + 3n * gx;
  return x < p && y < p && (y * y - x * x * x + 3n * x - b) % p === 0n;
}
