import { createHmac, hkdfSync } from "node:crypto";
import { cryptoProviderCases } from "@openmls-ts/conformance";
import type { HashName } from "@openmls-ts/traits";
import { CIPHER_SUITES, isMlsError, KDFS } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "./node-crypto.ts";
import { nodeKdf } from "./kdf.ts";

const provider = nodeCrypto();

describe("conformance", () => {
  it.each(cryptoProviderCases.map((testCase) => [testCase.name, testCase] as const))(
    "%s",
    async (_, testCase) => {
      await expect(testCase.run({ provider })).resolves.toBeUndefined();
    },
  );
});

describe("suites", () => {
  it("are all there", async () => {
    expect(await provider.supportedCipherSuites()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("results", () => {
  it.each(CIPHER_SUITES)("of suite $id own their bytes and are no Buffers", async ({ id }) => {
    const suite = await provider.cipherSuite(id);
    const text = new Uint8Array(5);
    const keys = await suite.deriveKeyPair(text);
    const signatureKeys = await suite.generateSignatureKeys();
    const key = suite.randomBytes(suite.params.aead.keyLength);
    const nonce = suite.randomBytes(suite.params.aead.nonceLength);
    const sealed = await suite.aeadSeal(key, nonce, text, text);
    const exported = await suite.hpkeExportSender(keys.publicKey, text, text, 16);
    const results = [
      suite.hash(text),
      suite.hmac(text, text),
      suite.hkdfExtract(text, text),
      suite.hkdfExpand(key, text, 42),
      key,
      sealed,
      await suite.aeadOpen(key, nonce, text, sealed),
      ...[keys.privateKey, keys.publicKey, signatureKeys.privateKey, signatureKeys.publicKey],
      await suite.sign(signatureKeys.privateKey, text),
      ...[exported.kemOutput, exported.secret],
    ];
    for (const bytes of results) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });
});

describe("HMAC and HKDF", () => {
  const HASHES: readonly (readonly [HashName, string])[] = [
    ["SHA-256", "sha256"],
    ["SHA-384", "sha384"],
    ["SHA-512", "sha512"],
  ];

  it.each(HASHES)("over %s give what OpenSSL's own give", (name, openssl) => {
    const kdf = nodeKdf(KDFS[name], name);
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 500 }), (key, data, info, length) => {
        expect(kdf.hmac(key, data)).toEqual(new Uint8Array(createHmac(openssl, key).update(data).digest()));
        const expanded = kdf.expand(kdf.extract(data, key), info, length);
        expect(expanded).toEqual(new Uint8Array(hkdfSync(openssl, key, data, info, length)));
      }),
      { numRuns: 50 },
    );
  });

  it.each(HASHES)("over %s do not depend on how the message is fed", (name, openssl) => {
    const kdf = nodeKdf(KDFS[name], name);
    for (const length of [16_383, 16_384, 16_385, 100_000]) {
      const data = new Uint8Array(length).fill(7);
      const expected = new Uint8Array(createHmac(openssl, data).update(data).digest());
      expect(kdf.hmac(data, data)).toEqual(expected);
    }
  });
});

describe("hostile keys", () => {
  it.each(CIPHER_SUITES)("of suite $id give typed errors or false", async ({ id, kem, signature }) => {
    const suite = await provider.cipherSuite(id);
    const empty = new Uint8Array();
    const good = await suite.deriveKeyPair(empty);
    const lengths = [kem.publicKeyLength, kem.privateKeyLength, signature.publicKeyLength];
    const key = fc.oneof(
      fc.uint8Array({ maxLength: 140 }),
      ...lengths.map((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      ...lengths.map((length) => fc.constant(new Uint8Array(length).fill(0xff))),
      fc.uint8Array({ minLength: 64, maxLength: 64 }).map((x) => Uint8Array.of(4, ...x)),
    );
    const outcomeOf = async (call: Promise<unknown>): Promise<boolean> =>
      call.then(
        () => true,
        (error: unknown) => isMlsError(error) && /^ERR_MLS_(INVALID_KEY|CRYPTO|DECRYPTION)$/.test(error.code),
      );
    await fc.assert(
      fc.asyncProperty(key, async (bytes) => {
        expect(await outcomeOf(suite.hpkeSealContext(empty).seal(bytes, empty, empty))).toBe(true);
        expect(await outcomeOf(suite.hpkeOpen(good.privateKey, bytes, empty, empty, bytes))).toBe(true);
        expect(await outcomeOf(suite.hpkeOpen(bytes, good.publicKey, empty, empty, bytes))).toBe(true);
        expect(await outcomeOf(suite.sign(bytes, empty))).toBe(true);
        expect(await outcomeOf(suite.signaturePublicKey(bytes))).toBe(true);
        expect(typeof (await suite.isValidHpkePublicKey(bytes))).toBe("boolean");
        expect(typeof (await suite.isValidSignaturePublicKey(bytes))).toBe("boolean");
        expect(await suite.verify(bytes, empty, bytes)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
