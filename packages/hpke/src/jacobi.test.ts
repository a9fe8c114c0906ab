import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jacobi } from "./jacobi.ts";

const PRIMES = {
  "2^255 - 19": 2n ** 255n - 19n,
  "2^448 - 2^224 - 1": 2n ** 448n - 2n ** 224n - 1n,
  "a prime below one limb": 1_000_003n,
  "a prime that fills two limbs": 2n ** 60n - 93n,
};

/** Euler's criterion: a^((p - 1) / 2). */
function euler(value: bigint, prime: bigint): number {
  let power = 1n;
  let base = value;
  for (let exponent = (prime - 1n) / 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) {
      power = (power * base) % prime;
    }
    base = (base * base) % prime;
  }
  return power === prime - 1n ? -1 : Number(power);
}

describe("the Jacobi symbol", () => {
  it.each(Object.entries(PRIMES))("agrees with Euler's criterion modulo %s", (_, prime) => {
    const edges = [0n, 1n, 2n, 3n, 4n, 2n ** 19n, prime - 1n, prime - 2n, (prime - 1n) / 2n];
    const wide = [30n, 60n, 90n, 210n].map((bits) => 2n ** bits % prime);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: prime - 1n }), (value) => {
        expect(jacobi(value, prime)).toBe(euler(value, prime));
        expect(jacobi((value * value) % prime, prime)).toBe(value === 0n ? 0 : 1);
      }),
      { numRuns: 200, examples: [...edges, ...wide].map((value) => [value]) },
    );
  });

  it("is zero for what shares a factor with a composite modulus", () => {
    expect(jacobi(21n, 15n * 7n)).toBe(0);
    expect(jacobi(2n, 15n)).toBe(1);
    expect(jacobi(7n, 15n)).toBe(-1);
  });
});
