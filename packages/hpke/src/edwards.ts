import { bytesToHex, equalBytes, hexToBytes } from "@openmls-ts/traits";
import { jacobi } from "./jacobi.ts";

interface EdwardsConstants {
  /** Length in bytes of an encoded point, and of the scalar S. */
  readonly length: number;
  /** The prime of the field, and its little-endian encoding with a zero sign bit. */
  readonly prime: bigint;
  readonly primeBytes: Uint8Array;
  /** The order L of the group, little-endian. */
  readonly order: Uint8Array;
  readonly d: bigint;
  /** The coefficient a: ax² + y² = 1 + dx²y². */
  readonly a: bigint;
  /** The y-coordinates of the points of small order, little-endian. */
  readonly smallOrder: readonly Uint8Array[];
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return hexToBytes(value.toString(16).padStart(2 * length, "0")).reverse();
}

function curve(
  length: number,
  prime: bigint,
  order: bigint,
  a: bigint,
  d: bigint,
  orderEight: readonly bigint[],
): EdwardsConstants {
  // y = 1 is the neutral element, y = -1 has order two, y = 0 order four.
  const smallOrder = [0n, 1n, prime - 1n, ...orderEight].map((y) => littleEndian(y, length));
  return {
    length,
    prime,
    primeBytes: littleEndian(prime, length),
    order: littleEndian(order, length),
    a,
    d,
    smallOrder,
  };
}

const P25519 = 2n ** 255n - 19n;
const ORDER_EIGHT_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const P448 = 2n ** 448n - 2n ** 224n - 1n;

const CURVES: Readonly<Record<"Ed25519" | "Ed448", EdwardsConstants>> = {
  // RFC 8032 §5.1
  Ed25519: curve(
    32,
    P25519,
    2n ** 252n + 27742317777372353535851937790883648493n,
    -1n,
    37095705934669439343138083508754565189542113879843219016388785533085940283555n,
    [ORDER_EIGHT_Y, P25519 - ORDER_EIGHT_Y],
  ),
  // RFC 8032 §5.2
  Ed448: curve(
    57,
    P448,
    2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n,
    1n,
    P448 - 39081n,
    [],
  ),
};

function curveOf(scheme: string): EdwardsConstants | undefined {
  return scheme === "Ed25519" || scheme === "Ed448" ? CURVES[scheme] : undefined;
}

/** Whether little-endian `a` is less than `b`; public values only. */
function isLess(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) {
    if (a[i] !== b[i]) {
      return a[i]! < b[i]!;
    }
  }
  return false;
}

function isStrictPoint({ length, primeBytes, smallOrder }: EdwardsConstants, encoded: Uint8Array): boolean {
  if (encoded.length !== length) {
    return false;
  }
  const y = new Uint8Array(encoded); // a Buffer's slice() would be no copy
  y[length - 1]! &= 0x7f; // the sign of x
  // x = 0 only where y = ±1, which is of small order: both of its signs are refused.
  return isLess(y, primeBytes) && !smallOrder.some((small) => equalBytes(y, small));
}

/**
 * Judges the encoding of a public key: whether it has the right length, is the canonical one (y < p: RFC 8032 §5.1.3
 * and §5.2.3, step 1; the sign of x = 0: step 4), and is not a point of small order. Keys of other schemes pass.
 * That the point is on the curve is found by verifying with it, or by {@link isEdwardsPublicKey}.
 *
 * RFC 8032 leaves small order to the implementation. Under such a key one signature fits many messages, honest
 * signers never make one, and backends differ on it while members of a group must not.
 */
export function isStrictEdwardsPoint(scheme: string, encoded: Uint8Array): boolean {
  const curve = curveOf(scheme);
  return curve === undefined || isStrictPoint(curve, encoded);
}

/**
 * Judges the encoding of an EdDSA signature R || S: its length, R as {@link isStrictEdwardsPoint} does, and S < L
 * (RFC 8032 §5.1.7 and §5.2.7, step 1). Signatures of other schemes pass.
 */
export function isStrictEdwardsSignature(scheme: string, signature: Uint8Array): boolean {
  const curve = curveOf(scheme);
  if (curve === undefined) {
    return true;
  }
  const { length, order } = curve;
  return (
    signature.length === 2 * length &&
    isLess(signature.subarray(length), order) &&
    isStrictPoint(curve, signature.subarray(0, length))
  );
}

/**
 * Whether bytes are a public key of EdDSA: strict as {@link isStrictEdwardsPoint}, and on the curve (RFC 8032 §5.1.3
 * and §5.2.3: x² has a square root). `true` for the keys of other schemes.
 */
export function isEdwardsPublicKey(scheme: string, publicKey: Uint8Array): boolean {
  const curve = curveOf(scheme);
  if (curve === undefined) {
    return true;
  }
  if (!isStrictPoint(curve, publicKey)) {
    return false;
  }
  const { prime, a, d } = curve;
  const bigEndian = new Uint8Array(publicKey).reverse();
  bigEndian[0]! &= 0x7f; // the sign of x
  const y = BigInt(`0x${bytesToHex(bigEndian)}`);
  const ySquared = (y * y) % prime;
  // ax² + y² = 1 + dx²y², so x² = (y² - 1) / (dy² - a); a quotient is a square exactly if the product is.
  const product = (ySquared - 1n) * (d * ySquared - a);
  return jacobi(((product % prime) + prime) % prime, prime) >= 0;
}
