import type { CryptoBackend, SuiteOptions } from "@openmls-ts/hpke";
import { buildCryptoProvider } from "@openmls-ts/hpke";
import type { CryptoProvider } from "@openmls-ts/traits";
import { optionsArgument } from "@openmls-ts/traits";
import { webAesGcm, webChaCha } from "./aead.ts";
import { montgomeryGroup, nistGroup } from "./dh-group.ts";
import { nobleKdf } from "./kdf.ts";
import { randomSource } from "./random.ts";
import { ecdsaScheme, eddsaScheme } from "./signature.ts";
import type { SubtleCryptoLike, WebCryptoLike } from "./subtle.ts";
import { webCryptoOf } from "./subtle.ts";

/** Options of {@link webCrypto}. */
export interface WebCryptoOptions extends SuiteOptions {
  /** The Web Crypto to use. Default: `globalThis.crypto`. */
  readonly crypto?: WebCryptoLike;
}

/**
 * Cryptography of the runtime: SubtleCrypto for signatures, Diffie-Hellman and AEAD. Hashes, HMAC and HKDF are in
 * JavaScript, and so is ChaCha20-Poly1305 where the runtime has none.
 *
 * Which suites there are depends on the runtime and is found by trying each primitive once, at the first question.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` without SubtleCrypto (browsers have it in secure contexts alone),
 *   `ERR_MLS_USAGE` for options that are unknown, and suites that nothing implements
 */
export function webCrypto(options?: WebCryptoOptions): CryptoProvider {
  const { suites, ...given } = optionsArgument("options", options, ["crypto", "suites"]);
  const crypto = webCryptoOf(given.crypto);
  return buildCryptoProvider(backendOn(crypto.subtle, randomSource(crypto)), suites);
}

function backendOn(subtle: SubtleCryptoLike, randomBytes: (length: number) => Uint8Array): CryptoBackend {
  return {
    name: "webcrypto",
    probes: true,
    groups: {
      X25519: (params) => montgomeryGroup(subtle, params, "X25519"),
      X448: (params) => montgomeryGroup(subtle, params, "X448"),
      "P-256": (params) => nistGroup(subtle, params, "P-256"),
      "P-384": (params) => nistGroup(subtle, params, "P-384"),
      "P-521": (params) => nistGroup(subtle, params, "P-521"),
    },
    kdfs: {
      "SHA-256": (params) => nobleKdf(params, "SHA-256"),
      "SHA-384": (params) => nobleKdf(params, "SHA-384"),
      "SHA-512": (params) => nobleKdf(params, "SHA-512"),
    },
    aeads: {
      "AES-128-GCM": (params) => webAesGcm(subtle, params),
      "AES-256-GCM": (params) => webAesGcm(subtle, params),
      "ChaCha20-Poly1305": async (params) => webChaCha(subtle, params),
    },
    signatures: {
      Ed25519: (params) => eddsaScheme(subtle, randomBytes, params, "Ed25519"),
      Ed448: (params) => eddsaScheme(subtle, randomBytes, params, "Ed448"),
      "ECDSA-P256": () => ecdsaScheme(subtle, randomBytes, "P-256", "SHA-256"),
      "ECDSA-P384": () => ecdsaScheme(subtle, randomBytes, "P-384", "SHA-384"),
      "ECDSA-P521": () => ecdsaScheme(subtle, randomBytes, "P-521", "SHA-512"),
    },
    randomBytes,
  };
}
