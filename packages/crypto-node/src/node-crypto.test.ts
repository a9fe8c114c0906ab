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

describe("doing many things at the same time", () => {
  it.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
  ])("as verifying, tells good signatures from bad ones on suite %i, threads: %s", async (id, threads) => {
    const suite = await nodeCrypto({ threads }).cipherSuite(id);
    const { privateKey, publicKey } = await suite.generateSignatureKeys();
    const stranger = await suite.generateSignatureKeys();
    const message = new Uint8Array(300).fill(1);
    const signature = await suite.sign(privateKey, message);
    const offCurve = publicKey.slice().fill(2, 1);
    const keys = [publicKey, stranger.publicKey, publicKey, offCurve, new Uint8Array(0)];
    const expected = [true, false, true, false, false];
    const answers: Promise<boolean>[] = [];
    for (let i = 0; i < 40; i++) {
      // Arrays of its own each, wiped while the answer is on its way.
      const given = [keys[i % keys.length]!, message, signature].map((bytes) => bytes.slice());
      answers.push(suite.verify(given[0]!, given[1]!, given[2]!));
      given.forEach((bytes) => bytes.fill(0));
    }
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => expected[i % keys.length]));
  });

  it.each(CIPHER_SUITES)("as sealing to many, gives the right answers on suite $id", async ({ id, kem }) => {
    const suite = await nodeCrypto().cipherSuite(id);
    const info = new Uint8Array(3);
    const context = suite.hpkeSealContext(info);
    const recipients = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => suite.deriveKeyPair(Uint8Array.of(i))),
    );
    const sealed = await Promise.all(
      recipients.map(async ({ publicKey }) => context.seal(publicKey, info, publicKey)),
    );
    expect(new Set(sealed.map(({ kemOutput }) => kemOutput.join())).size).toBe(10);
    for (const [i, { kemOutput, ciphertext }] of sealed.entries()) {
      const { privateKey, publicKey } = recipients[i]!;
      expect(await suite.hpkeOpen(privateKey, kemOutput, info, info, ciphertext)).toEqual(publicKey);
    }
    // Refused keys do not disturb their neighbours.
    const bad = new Uint8Array(kem.publicKeyLength).fill(kem.curve?.startsWith("P-") === true ? 4 : 0);
    const mixed = await Promise.allSettled(
      Array.from({ length: 12 }, async (_, i) =>
        context.seal(i % 2 === 0 ? recipients[0]!.publicKey : bad, info, info),
      ),
    );
    expect(mixed.map(({ status }) => status)).toEqual(
      mixed.map((_, i) => (i % 2 === 0 ? "fulfilled" : "rejected")),
    );
  });

  it("is a matter of yes or no", () => {
    expect(() => nodeCrypto({ threads: 4 as never })).toThrow(
      expect.objectContaining({ code: "ERR_MLS_USAGE" }),
    );
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
