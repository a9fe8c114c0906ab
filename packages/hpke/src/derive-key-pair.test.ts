import { createECDH } from "node:crypto";
import type { DhCurve, DhKemParams } from "@openmls-ts/traits";
import { KEMS } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { derivePrivateKey } from "./derive-key-pair.ts";
import { LabeledKdf } from "./labeled.ts";
import type { Kdf } from "./primitives.ts";

/** A KDF that expands to one prepared answer after the other. */
function scripted(answers: readonly Uint8Array[]): LabeledKdf {
  let next = 0;
  const kdf: Kdf = {
    params: { id: 1, name: "scripted", hash: "SHA-256", hashLength: 32 },
    hash: () => new Uint8Array(32),
    hmac: () => new Uint8Array(32),
    extract: () => new Uint8Array(32),
    expand: () => (answers[next++] ?? answers.at(-1) ?? new Uint8Array(0)).slice(),
  };
  return new LabeledKdf(kdf, new Uint8Array(0));
}

function kem(curve: DhCurve): DhKemParams {
  return KEMS[curve];
}

/** The largest private key that OpenSSL takes, found by bisection: the order of the group less one. */
function largestScalar(openSslName: string, length: number): bigint {
  const isScalar = (value: bigint): boolean => {
    try {
      createECDH(openSslName).setPrivateKey(value.toString(16).padStart(2 * length, "0"), "hex");
      return true;
    } catch {
      return false;
    }
  };
  let [low, high] = [1n, 1n << BigInt(8 * length)];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    [low, high] = isScalar(middle) ? [middle, high] : [low, middle];
  }
  return low;
}

function bytes(value: bigint, length: number): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex"));
}

describe.each([
  ["P-256", "prime256v1"],
  ["P-384", "secp384r1"],
  ["P-521", "secp521r1"],
] as const)("the candidates for a private key of %s", (curve, openSslName) => {
  const params = kem(curve);
  const length = params.privateKeyLength;
  const largest = bytes(largestScalar(openSslName, length), length);
  const order = bytes(largestScalar(openSslName, length) + 1n, length);
  const tooLarge = new Uint8Array(length).fill(0xff);

  it("are skipped until one lies between zero and the order", () => {
    const kdf = scripted([new Uint8Array(length), order, tooLarge, largest, new Uint8Array(length).fill(1)]);
    expect(derivePrivateKey(kdf, params, new Uint8Array(0))).toEqual(largest);
  });

  it("give out after 256", () => {
    const kdf = scripted([order]);
    const derive = (): unknown => derivePrivateKey(kdf, params, new Uint8Array(0));
    expect(derive).toThrow(expect.objectContaining({ code: "ERR_MLS_CRYPTO" }));
  });
});

it("keeps the seven excess bits of a P-521 scalar clear", () => {
  const params = kem("P-521");
  const candidate = new Uint8Array(66).fill(1);
  candidate[0] = 0xff;
  const kdf = scripted([candidate]);
  expect(derivePrivateKey(kdf, params, new Uint8Array(0))).toEqual(new Uint8Array(66).fill(1));
});
