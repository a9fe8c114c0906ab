/** Bits in a limb: a limb and the carry of a difference fit a 32-bit integer. */
const BITS = 30;
const MASK = 2 ** BITS - 1;

/** A number in limbs, the lowest first. */
function toLimbs(value: bigint, count: number): Int32Array {
  const limbs = new Int32Array(count);
  const [bits, mask] = [BigInt(BITS), BigInt(MASK)];
  for (let i = 0, rest = value; i < count; i++, rest >>= bits) {
    limbs[i] = Number(rest & mask);
  }
  return limbs;
}

/** Divides by the highest power of two in it, which it gives; not for zero. Looks at `length` limbs, as do those below. */
function makeOdd(a: Int32Array, length: number): number {
  let shifted = 0;
  while (a[0] === 0) {
    a.copyWithin(0, 1);
    a[a.length - 1] = 0;
    shifted += BITS;
  }
  const low = a[0]!;
  const zeros = 31 - Math.clz32(low & -low);
  if (zeros > 0) {
    for (let i = 0; i < length - 1; i++) {
      a[i] = (a[i]! >>> zeros) | ((a[i + 1]! << (BITS - zeros)) & MASK);
    }
    a[length - 1]! >>>= zeros;
  }
  return shifted + zeros;
}

function isLess(a: Int32Array, b: Int32Array, length: number): boolean {
  let i = length - 1;
  while (i > 0 && a[i] === b[i]) {
    i--;
  }
  return a[i]! < b[i]!;
}

/** a - b for a ≥ b, into `a`; whether anything is left. */
function subtract(a: Int32Array, b: Int32Array, length: number): boolean {
  let carry = 0;
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]! + carry;
    bits |= a[i] = difference & MASK;
    carry = difference >> BITS;
  }
  return bits !== 0;
}

/**
 * The Jacobi symbol (value/modulus) for an odd modulus, which for a prime says whether the value has a square root: 1 if
 * so, -1 if not, 0 for a multiple. The binary algorithm (Cohen, A Course in Computational Algebraic Number Theory,
 * §1.4.2), on limbs, because it takes hundreds of steps and BigInt allocates in each. Public values only: the time taken
 * depends on them.
 * @param value 0 to modulus - 1
 */
export function jacobi(value: bigint, modulus: bigint): number {
  let length = Math.ceil(modulus.toString(16).length / (BITS / 4));
  let a = toLimbs(value, length);
  let n = toLimbs(modulus, length);
  let sign = 1;
  for (let left = value !== 0n; left; left = subtract(a, n, length)) {
    while (length > 1 && a[length - 1] === 0 && n[length - 1] === 0) {
      length--; // both get smaller all the time
    }
    const residue = n[0]! & 7;
    // (2/n) is -1 for n ≡ 3 or 5 modulo 8.
    if (makeOdd(a, length) % 2 === 1 && (residue === 3 || residue === 5)) {
      sign = -sign;
    }
    if (isLess(a, n, length)) {
      [a, n] = [n, a];
      // Reciprocity: the sign changes if both are 3 modulo 4.
      if ((a[0]! & n[0]! & 3) === 3) {
        sign = -sign;
      }
    }
  }
  // What is left in n is the greatest common divisor.
  return n[0] === 1 && n.every((limb, i) => i === 0 || limb === 0) ? sign : 0;
}
