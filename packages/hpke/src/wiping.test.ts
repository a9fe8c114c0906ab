import { CIPHER_SUITES, utf8 } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { DhKem } from "./dhkem.ts";
import type { DhGroup, Kdf } from "./primitives.ts";
import { nodePrimitives } from "./testing/node-primitives.ts";

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

it("an encapsulation leaves neither seed nor ephemeral key nor Diffie-Hellman result", async () => {
  const primitives = nodePrimitives(0x0020, 1, 1) ?? expect.fail("no X25519");
  const { kem } = CIPHER_SUITES[0]!;
  const seen: Uint8Array[] = [];
  const keep = (bytes: Uint8Array): Uint8Array => {
    seen.push(bytes);
    return bytes;
  };
  const agreed = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  const group: DhGroup = {
    params: { ...kem, curve: "X25519", hash: "SHA-256" },
    publicKey: async () => new Uint8Array(32),
    agree: async (privateKey) => {
      keep(privateKey);
      expect(isZero(privateKey)).toBe(false);
      return { secret: keep(agreed), publicKey: new Uint8Array(32).fill(9) };
    },
    isValidPublicKey: async () => true,
  };
  const kdf: Kdf = {
    ...primitives.kdf,
    // What is extracted from is a labelled copy of the secret.
    extract: (salt, input) => keep(primitives.kdf.extract(salt, keep(input))),
  };
  const recorded = new DhKem(group.params, group, kdf, (length) => keep(primitives.randomBytes(length)));
  const { sharedSecret } = await recorded.encap(new Uint8Array(32).fill(8));
  // Seed, two labelled inputs with what is extracted from each, ephemeral key, Diffie-Hellman result.
  expect(seen).toHaveLength(7);
  expect(seen.map(isZero)).toEqual(seen.map(() => true));
  expect(isZero(sharedSecret)).toBe(false);

  const input = utf8("input key material");
  await recorded.deriveKeyPair(input);
  expect(input).toEqual(utf8("input key material")); // the caller's own
});
