import { buildCryptoProvider, type CryptoBackend } from "@openmls-ts/hpke";
import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";
import { nodeBackend } from "./core.ts";
import type { Random } from "./random.ts";

/** OpenSSL's cryptography with keys and nonces that a seed determines, so that a failure can be had again. */
export function seededCrypto(random: Random): CryptoProvider {
  const node = nodeBackend(false);
  const base = buildCryptoProvider(
    { ...node, groups: seededGroups(node.groups), randomBytes: (length) => random.bytes(length) },
    undefined,
  );
  const suites = new Map<number, CipherSuite>();
  return {
    name: "seeded",
    supportedCipherSuites: async () => base.supportedCipherSuites(),
    cipherSuite: async (id) => {
      const known = suites.get(id) ?? seeded(await base.cipherSuite(id), random);
      suites.set(id, known);
      return known;
    },
  };
}

/** Without the ephemeral keys that OpenSSL makes by itself. */
function seededGroups(groups: CryptoBackend["groups"]): CryptoBackend["groups"] {
  const entries = Object.entries(groups).map(([name, make]) => [
    name,
    (...given: Parameters<typeof make>) => Object.assign(make(...given), { agreeFresh: undefined }),
  ]);
  return Object.fromEntries(entries) as CryptoBackend["groups"];
}

/** The keys of a signature scheme come from OpenSSL's own generator otherwise. */
function seeded(suite: CipherSuite, random: Random): CipherSuite {
  const generateSignatureKeys: CipherSuite["generateSignatureKeys"] = async () => {
    const privateKey = random.bytes(suite.params.signature.privateKeyLength);
    return { privateKey, publicKey: await suite.signaturePublicKey(privateKey) };
  };
  return new Proxy(suite, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return name === "generateSignatureKeys"
        ? generateSignatureKeys
        : typeof value === "function"
          ? (value.bind(target) as unknown)
          : value;
    },
  });
}
