import type * as openssl from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { nodeCrypto } from "./node-crypto.ts";

// As on Node.js before 23.11: the callback is not looked at.
vi.mock("node:crypto", async (load) => {
  const real = await load<typeof openssl>();
  const diffieHellman = (keys: Parameters<typeof real.diffieHellman>[0]): Buffer => real.diffieHellman(keys);
  return { ...real, diffieHellman };
});

describe("a runtime whose Diffie-Hellman knows no threads", () => {
  it.each([1, 2])("seals to many all the same, on suite %i", async (id) => {
    const suite = await nodeCrypto().cipherSuite(id);
    const nothing = new Uint8Array(0);
    const { privateKey, publicKey } = await suite.deriveKeyPair(nothing);
    const context = suite.hpkeSealContext(nothing);
    const sealed = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => context.seal(publicKey, nothing, Uint8Array.of(i))),
    );
    for (const [i, { kemOutput, ciphertext }] of sealed.entries()) {
      const opened = await suite.hpkeOpen(privateKey, kemOutput, nothing, nothing, ciphertext);
      expect(opened).toEqual(Uint8Array.of(i));
    }
  });
});
