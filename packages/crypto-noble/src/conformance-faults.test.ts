import { cryptoProviderCases } from "@openmls-ts/conformance";
import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";
import { concatBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { nobleCrypto } from "./index.ts";

type Change = (good: CipherSuite) => Partial<CipherSuite>;

/** A provider of one suite, with some methods changed. */
function faulty(id: CipherSuite["id"], change: Change): CryptoProvider {
  const good = nobleCrypto();
  return {
    name: "faulty",
    supportedCipherSuites: async () => [id],
    cipherSuite: async (asked) => {
      const suite = await good.cipherSuite(asked === id || typeof asked !== "number" ? asked : 0);
      const changed = change(suite);
      return new Proxy(suite, {
        get(target, property: keyof CipherSuite) {
          const value: unknown = Reflect.get(property in changed ? changed : target, property);
          // Private fields are reached through the suite itself, not through the proxy.
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

async function failing(provider: CryptoProvider): Promise<readonly string[]> {
  const names: string[] = [];
  for (const conformanceCase of cryptoProviderCases) {
    await conformanceCase.run({ provider }).catch(() => names.push(conformanceCase.name));
  }
  return names;
}

const FAULTS: Readonly<Record<string, readonly [CipherSuite["id"], Change]>> = {
  "answers true to every verification": [1, () => ({ verify: async () => true })],
  "throws from verify": [
    1,
    (good) => ({
      async verify(publicKey, message, signature) {
        if (signature.length !== 64) {
          throw new TypeError("bad signature length");
        }
        return good.verify(publicKey, message, signature);
      },
    }),
  ],
  "ignores what follows a DER signature": [
    2,
    (good) => ({
      verify: async (publicKey, message, signature) =>
        good.verify(publicKey, message, signature.subarray(0, 2 + (signature[1] ?? 0))),
    }),
  ],
  "calls every key of the right length valid": [
    2,
    (good) => ({ isValidHpkePublicKey: async (key) => key.length === good.params.kem.publicKeyLength }),
  ],
  "reuses its random bytes": [3, () => ({ randomBytes: (length) => new Uint8Array(length) })],
  "returns its input from hkdfExpand": [
    1,
    (good) => ({
      hkdfExpand: (key, info, length) => (length === 32 ? key : good.hkdfExpand(key, info, length)),
    }),
  ],
  "hashes asynchronously": [1, (good) => ({ hash: (data) => Promise.resolve(good.hash(data)) as never })],
  "overwrites the key it expands": [
    1,
    (good) => ({
      hkdfExpand(key, info, length) {
        const output = good.hkdfExpand(key, info, length);
        key.fill(0);
        return output;
      },
    }),
  ],
  "leaves the associated data out": [
    1,
    (good) => ({
      aeadSeal: async (key, nonce, _aad, plaintext) =>
        good.aeadSeal(key, nonce, new Uint8Array(0), plaintext),
      aeadOpen: async (key, nonce, _aad, text) => good.aeadOpen(key, nonce, new Uint8Array(0), text),
    }),
  ],
  "tells a short ciphertext from a forged one": [
    1,
    (good) => ({
      async aeadOpen(key, nonce, aad, ciphertext) {
        if (ciphertext.length < 16) {
          throw new TypeError("ciphertext too short");
        }
        return good.aeadOpen(key, nonce, aad, ciphertext);
      },
    }),
  ],
  "refers to the buffer of the info": [
    1,
    (good) => ({
      hpkeSealContext: (info) => ({
        seal: async (publicKey, aad, text) => good.hpkeSealContext(info).seal(publicKey, aad, text),
      }),
    }),
  ],
  "ignores pre-shared keys": [
    1,
    (good) => ({
      hpkeSetupSender: async (publicKey, info) => good.hpkeSetupSender(publicKey, info),
      hpkeOpen: async (privateKey, kemOutput, info, aad, ciphertext) =>
        good.hpkeOpen(privateKey, kemOutput, info, aad, ciphertext),
    }),
  ],
  "lets a sender seal twice": [
    1,
    (good) => ({
      async hpkeSetupSender(publicKey, info, psk) {
        const sender = await good.hpkeSetupSender(publicKey, info, psk);
        let first: Promise<Uint8Array> | undefined;
        return { ...sender, seal: async (aad, plaintext) => (first ??= sender.seal(aad, plaintext)) };
      },
    }),
  ],
  "keeps the bytes of a signing key": [
    1,
    (good) => ({
      importSigningKey: async (privateKey) => {
        await good.signaturePublicKey(privateKey);
        return { sign: async (message) => good.sign(privateKey, message) };
      },
    }),
  ],
  "imports signing keys of any length": [
    1,
    (good) => ({
      importSigningKey: async (privateKey) => {
        const key = Uint8Array.from({ length: 32 }, (_, i) => privateKey[i] ?? 0);
        return { sign: async (message) => good.sign(key, message) };
      },
    }),
  ],
  "pads private keys": [
    5,
    (good) => ({
      sign: async (privateKey, message) =>
        good.sign(
          concatBytes(new Uint8Array(Math.max(0, 66 - privateKey.length)), privateKey).slice(0, 66),
          message,
        ),
    }),
  ],
};

describe("the conformance cases notice a provider that", () => {
  it.each(Object.entries(FAULTS))("%s", async (_, [id, change]) => {
    expect(await failing(faulty(id, () => ({})))).toEqual([]);
    expect(await failing(faulty(id, change))).not.toEqual([]);
  });
});
