import { hexToBytes } from "@openmls-ts/traits";

/** A NIST curve as this package names it. */
export type NistCurve = "P-256" | "P-384" | "P-521";

/** What the encodings of keys and signatures need to know about a curve (SEC 2 §2.4 to §2.6). */
export interface NistCurveConstants {
  /** Length in bytes of a scalar, and of one coordinate. */
  readonly length: number;
  /** The order n of the group, big-endian, `length` bytes. */
  readonly order: Uint8Array;
  /** The base point, uncompressed. */
  readonly generator: Uint8Array;
}

function curve(order: string, x: string, y: string): NistCurveConstants {
  return { length: order.length / 2, order: hexToBytes(order), generator: hexToBytes(`04${x}${y}`) };
}

export const NIST_CURVES: Readonly<Record<NistCurve, NistCurveConstants>> = {
  "P-256": curve(
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
  ),
  "P-384": curve(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
  ),
  "P-521": curve(
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
  ),
};

/**
 * Whether big-endian bytes are a scalar of the curve: exact length and 0 < scalar < n.
 * Every byte is looked at whatever its value, because the scalar may be a private key.
 */
export function isNistScalar(curveName: NistCurve, scalar: Uint8Array): boolean {
  const { length, order } = NIST_CURVES[curveName];
  if (scalar.length !== length) {
    return false;
  }
  let borrow = 0;
  let bits = 0;
  for (let i = length - 1; i >= 0; i--) {
    const byte = scalar[i]!;
    borrow = ((byte - order[i]! - borrow) >> 8) & 1;
    bits |= byte;
  }
  return borrow === 1 && bits !== 0;
}

/** Whether bytes look like an uncompressed point (SEC 1 §2.3.3): the form, not that the point is on the curve. */
export function isUncompressedPoint(curveName: NistCurve, point: Uint8Array): boolean {
  return point.length === 1 + 2 * NIST_CURVES[curveName].length && point[0] === 4;
}

/** A private key: uniform in 1 to n - 1 by rejection (FIPS 186-5, appendix A.2.2). */
export function randomNistScalar(
  curveName: NistCurve,
  randomBytes: (length: number) => Uint8Array,
): Uint8Array {
  const { length, order } = NIST_CURVES[curveName];
  // Bits above those of n are dropped first, or P-521 would hardly ever hit. Then n fills its bits: one try is enough.
  const mask = order[0] === 1 ? 1 : 0xff;
  for (;;) {
    const candidate = randomBytes(length);
    candidate[0]! &= mask;
    if (isNistScalar(curveName, candidate)) {
      return candidate;
    }
  }
}
