import { cryptoProviderCases } from "@openmls-ts/conformance";
import { bytesToHex, isMlsError } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import type { SubtleCryptoLike, WebCryptoAlgorithm, WebCryptoLike } from "./subtle.ts";
import { webCrypto } from "./web-crypto.ts";

const native: WebCryptoLike = globalThis.crypto;
const provider = webCrypto();

describe("conformance", () => {
  it.each(cryptoProviderCases.map((testCase) => [testCase.name, testCase] as const))(
    "%s",
    async (_, testCase) => {
      await expect(testCase.run({ provider })).resolves.toBeUndefined();
    },
  );
});

/** This runtime with one method of its SubtleCrypto replaced. */
function runtime(replacement: Partial<SubtleCryptoLike>): WebCryptoLike {
  const subtle = new Proxy(native.subtle, {
    get(target, name) {
      const method: unknown = Reflect.get(replacement, name) ?? Reflect.get(target, name);
      return typeof method === "function" ? (method.bind(target) as unknown) : method;
    },
  });
  return { subtle, getRandomValues: (array) => native.getRandomValues(array) };
}

/** This runtime without some algorithms. */
function without(...names: readonly string[]): WebCryptoLike {
  return runtime({
    async importKey(format, keyData, algorithm, extractable, usages) {
      if (names.includes(algorithm.name)) {
        throw new DOMException("Unrecognized name", "NotSupportedError");
      }
      return native.subtle.importKey(format, keyData, algorithm, extractable, usages);
    },
  });
}

describe("probing", () => {
  it("finds at least the suites that every current Node.js has", async () => {
    expect(await provider.supportedCipherSuites()).toEqual(expect.arrayContaining([1, 2, 3, 5, 7]));
  });

  it.each([
    [["X448"], [1, 2, 3, 5, 7]],
    [["Ed448"], [1, 2, 3, 5, 7]],
    [
      ["X448", "Ed448", "ChaCha20-Poly1305"],
      [1, 2, 3, 5, 7],
    ],
    [
      ["X25519", "X448", "Ed448"],
      [2, 5, 7],
    ],
    [
      ["ECDSA", "X448"],
      [1, 3],
    ],
  ])("leaves out what needs %j where the runtime lacks it", async (names, suites) => {
    expect(await webCrypto({ crypto: without(...names) }).supportedCipherSuites()).toEqual(suites);
  });

  it("says which suite is missing and why", async () => {
    const lacking = webCrypto({ crypto: without("Ed25519") });
    const error: unknown = await lacking.cipherSuite(1).catch((reason: unknown) => reason);
    expect(isMlsError(error, "ERR_MLS_UNSUPPORTED_CIPHER_SUITE")).toBe(true);
    expect(error).toHaveProperty("cause");
  });

  describe("where private keys need their public half, as on Safari", () => {
    let bare = 0;
    const crypto = runtime({
      async importKey(format, keyData, algorithm, extractable, usages) {
        // PKCS #8 of a NIST key with its point is longer than the point.
        const length = { "P-256": 65, "P-384": 97, "P-521": 133 }[algorithm.namedCurve ?? ""] ?? 0;
        if (format === "pkcs8" && length > 0 && keyData.length < length + 50) {
          bare++;
          throw new DOMException("no public key", "DataError");
        }
        return native.subtle.importKey(format, keyData, algorithm, extractable, usages);
      },
    });
    const picky = webCrypto({ crypto });

    it("has the NIST curves all the same", async () => {
      expect(await picky.supportedCipherSuites()).toEqual(expect.arrayContaining([1, 2, 3, 5, 7]));
      const before = bare;
      expect(before).toBeGreaterThan(0);
      const [suite, other] = [await picky.cipherSuite(2), await provider.cipherSuite(2)];
      const keys = await suite.generateSignatureKeys();
      const signature = await suite.sign(keys.privateKey, keys.publicKey);
      expect(await other.verify(keys.publicKey, keys.publicKey, signature)).toBe(true);
      expect(await other.signaturePublicKey(keys.privateKey)).toEqual(keys.publicKey);
      const seed = new Uint8Array(32).fill(3);
      expect(await suite.deriveKeyPair(seed)).toEqual(await other.deriveKeyPair(seed));
      expect(bare).toBe(before); // what it refused once it is not asked again
    });

    it.each(cryptoProviderCases.filter(({ name }) => name.startsWith("suite 2:")))(
      "$name",
      async (testCase) => {
        await expect(testCase.run({ provider: picky })).resolves.toBeUndefined();
      },
    );
  });

  describe("where NIST keys without their point are not exported, as in Firefox", () => {
    let asked = 0;
    const bare = new WeakSet();
    const crypto = runtime({
      async importKey(format, keyData, algorithm, extractable, usages) {
        const key = await native.subtle.importKey(format, keyData, algorithm, extractable, usages);
        const length = { "P-256": 65, "P-384": 97, "P-521": 133 }[algorithm.namedCurve ?? ""] ?? 0;
        if (format === "pkcs8" && length > 0 && keyData.length < length + 50) bare.add(key);
        return key;
      },
      exportKey: (async (format: string, key: object) => {
        if (format === "jwk" && bare.has(key)) {
          asked++;
          throw new DOMException("The operation failed for an operation-specific reason", "OperationError");
        }
        return native.subtle.exportKey(format as "jwk", key);
      }) as SubtleCryptoLike["exportKey"],
    });
    const firefox = webCrypto({ crypto });

    it("has the NIST curves, computes their points, and is asked for them once", async () => {
      expect(await firefox.supportedCipherSuites()).toEqual(expect.arrayContaining([1, 2, 3, 5, 7]));
      for (const id of [2, 5, 7]) {
        const [suite, other] = [await firefox.cipherSuite(id), await provider.cipherSuite(id)];
        const before = asked;
        expect(before).toBeGreaterThan(0);
        const seed = new Uint8Array(32).fill(id);
        const keys = await suite.deriveKeyPair(seed);
        expect(keys).toEqual(await other.deriveKeyPair(seed));
        const signing = await suite.generateSignatureKeys();
        expect(await other.signaturePublicKey(signing.privateKey)).toEqual(signing.publicKey);
        const none = new Uint8Array();
        const sent = await other.hpkeSealContext(none).seal(keys.publicKey, none, seed);
        // The caller may use its buffer again at once.
        const lent = keys.privateKey.slice();
        const opening = suite.hpkeOpen(lent, sent.kemOutput, none, none, sent.ciphertext);
        const deriving = suite.signaturePublicKey(signing.privateKey);
        expect(await opening).toEqual(seed);
        expect(await deriving).toEqual(signing.publicKey);
        expect(lent).toEqual(keys.privateKey);
        expect(asked).toBe(before);
      }
    });

    it.each(cryptoProviderCases.filter(({ name }) => name.startsWith("suite 2:")))(
      "$name",
      async (testCase) => {
        await expect(testCase.run({ provider: firefox })).resolves.toBeUndefined();
      },
    );
  });

  it("refuses points off the curve also where the runtime takes them, as Deno does", async () => {
    const crypto = runtime({
      importKey: async (format, keyData, algorithm, extractable, usages) =>
        native.subtle
          .importKey(format, keyData, algorithm, extractable, usages)
          .catch((error: unknown) => (format === "raw" ? {} : Promise.reject(error as Error))),
    });
    const lenient = webCrypto({ crypto });
    for (const testCase of cryptoProviderCases.filter(({ name }) => /^suite 2:.*off the curve/.test(name))) {
      await expect(testCase.run({ provider: lenient })).resolves.toBeUndefined();
    }
    expect(await lenient.supportedCipherSuites()).toContain(2);
  });

  it("imports a private key once to open a message", async () => {
    let imported = 0;
    const crypto = runtime({
      async importKey(format, keyData, algorithm, extractable, usages) {
        imported += format === "pkcs8" ? 1 : 0;
        return native.subtle.importKey(format, keyData, algorithm, extractable, usages);
      },
    });
    const counting = webCrypto({ crypto });
    const none = new Uint8Array(0);
    for (const id of [1, 2]) {
      const suite = await counting.cipherSuite(id);
      const { privateKey, publicKey } = await suite.deriveKeyPair(none);
      imported = 0;
      const { kemOutput, ciphertext } = await suite.hpkeSealContext(none).seal(publicKey, none, none);
      expect(imported).toBe(0); // the runtime makes the ephemeral key
      await suite.hpkeOpen(privateKey, kemOutput, none, none, ciphertext);
      expect(imported).toBe(1);
    }
  });

  it("tries once, however many ask at the same time", async () => {
    let signed = 0;
    const crypto = runtime({
      async sign(algorithm, key, data) {
        signed++;
        return native.subtle.sign(algorithm, key, data);
      },
    });
    const counted = webCrypto({ crypto });
    await Promise.all([counted.cipherSuite(2), counted.cipherSuite(2), counted.supportedCipherSuites()]);
    const afterwards = signed;
    await counted.supportedCipherSuites();
    await counted.cipherSuite(7);
    expect(signed).toBe(afterwards);
  });

  it("touches nothing before the first question", () => {
    const calls: WebCryptoAlgorithm[] = [];
    const crypto = runtime({
      async importKey(format, keyData, algorithm, extractable, usages) {
        calls.push(algorithm);
        return native.subtle.importKey(format, keyData, algorithm, extractable, usages);
      },
    });
    webCrypto({ crypto });
    expect(calls).toEqual([]);
  });

  it("is refused without SubtleCrypto", () => {
    const insecure = { getRandomValues: (array: Uint8Array) => array } as unknown as WebCryptoLike;
    expect(() => webCrypto({ crypto: insecure })).toThrow(
      expect.objectContaining({ code: "ERR_MLS_UNSUPPORTED_RUNTIME" }),
    );
  });
});

describe("ChaCha20-Poly1305", () => {
  it("is the same in JavaScript as in the runtime", async () => {
    const [key, nonce, aad] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2), new Uint8Array(5)];
    const sealed = await Promise.all(
      [provider, webCrypto({ crypto: without("ChaCha20-Poly1305") })].map(async (candidate) => {
        const suite = await candidate.cipherSuite(3);
        return bytesToHex(await suite.aeadSeal(key, nonce, aad, key));
      }),
    );
    expect(sealed[0]).toBe(sealed[1]);
  });

  it("is in JavaScript where the runtime's own gives wrong answers", async () => {
    const crypto = runtime({
      async encrypt(algorithm, key, data) {
        const sealed = new Uint8Array(await native.subtle.encrypt(algorithm, key, data));
        sealed[0]! ^= algorithm.name === "ChaCha20-Poly1305" ? 1 : 0;
        return sealed.buffer;
      },
    });
    const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)];
    const suite = await webCrypto({ crypto }).cipherSuite(3);
    expect(bytesToHex(await suite.aeadSeal(key, nonce, nonce, key))).toMatch(
      /^9f07e7be5551387a98ba977c732d080d/,
    );
  });
});

describe("random bytes", () => {
  it("come in any number", async () => {
    const suite = await provider.cipherSuite(1);
    const bytes = suite.randomBytes(200_000);
    expect(bytes).toHaveLength(200_000);
    // The last piece is filled too: sixteen zeros there have a chance of 2^-128.
    expect(bytes.subarray(-16).some((byte) => byte !== 0)).toBe(true);
    expect(suite.randomBytes(0)).toHaveLength(0);
  });
});

describe("shared memory", () => {
  it("is taken, though the runtime refuses it", async () => {
    const suite = await provider.cipherSuite(1);
    const shared = new Uint8Array(new SharedArrayBuffer(32));
    const sealed = await suite.aeadSeal(shared.subarray(0, 16), shared.subarray(0, 12), shared, shared);
    const opened = await suite.aeadOpen(new Uint8Array(16), new Uint8Array(12), shared, sealed);
    expect(opened).toEqual(new Uint8Array(32));
  });
});
