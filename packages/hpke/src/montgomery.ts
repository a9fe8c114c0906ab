import type { DhCurve } from "@openmls-ts/traits";
import { bytesToHex } from "@openmls-ts/traits";

/**
 * The u-coordinates whose order divides the cofactor, on the curve and on its twist, as little-endian encodings:
 * every Diffie-Hellman with them is all-zero. Non-canonical encodings of the same values are listed too.
 */
const LOW_ORDER: Readonly<Partial<Record<DhCurve, readonly string[]>>> = {
  X25519: [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    `ec${"ff".repeat(30)}7f`, // p - 1
    `ed${"ff".repeat(30)}7f`, // p, that is 0
    `ee${"ff".repeat(30)}7f`, // p + 1, that is 1
  ],
  X448: [
    "00".repeat(56),
    `01${"00".repeat(55)}`,
    `fe${"ff".repeat(27)}fe${"ff".repeat(27)}`, // p - 1
    `${"ff".repeat(28)}fe${"ff".repeat(27)}`, // p, that is 0
    `${"00".repeat(28)}${"ff".repeat(28)}`, // p + 1, that is 1
  ],
};

/** Whether a public key is one of the points that make every shared secret zero; `false` on the NIST curves. */
export function isLowOrderPoint(curve: DhCurve, publicKey: Uint8Array): boolean {
  const listed = LOW_ORDER[curve];
  if (listed === undefined) {
    return false;
  }
  const u = new Uint8Array(publicKey); // a Buffer's slice() would be no copy
  if (curve === "X25519") {
    u[31] = (u[31] ?? 0) & 0x7f; // RFC 7748 §5: the most significant bit is ignored
  }
  return listed.includes(bytesToHex(u));
}

/** Whether all bytes are zero; the time taken depends on the length alone. */
export function isAllZero(bytes: Uint8Array): boolean {
  let bits = 0;
  for (const byte of bytes) {
    bits |= byte;
  }
  return bits === 0;
}
