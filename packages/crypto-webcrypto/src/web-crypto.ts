import { buildProbingProvider } from "@openmls-ts/hpke";
import type { CryptoProvider } from "@openmls-ts/traits";
import { MlsError } from "@openmls-ts/traits";
import { webAead } from "./aead.ts";
import { webDhGroup } from "./dh-group.ts";
import { nobleKdf } from "./kdf.ts";
import { randomSource } from "./random.ts";
import { webSignatureScheme } from "./signature.ts";
import type { WebCryptoLike } from "./subtle.ts";

/** Options of {@link webCrypto}. */
export interface WebCryptoOptions {
  /** The Web Crypto to use. Default: `globalThis.crypto`. */
  readonly crypto?: WebCryptoLike;
}

/**
 * Cryptography of the runtime: SubtleCrypto for signatures, Diffie-Hellman and AEAD. Hashes, HMAC and HKDF are in
 * JavaScript, and so is ChaCha20-Poly1305 where the runtime has none.
 *
 * Which suites there are depends on the runtime and is found by trying each primitive once, at the first question.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` without SubtleCrypto (browsers have it in secure contexts alone)
 */
export function webCrypto(options: WebCryptoOptions = {}): CryptoProvider {
  const crypto = options.crypto ?? (globalThis as { readonly crypto?: WebCryptoLike }).crypto;
  const subtle = (crypto as Partial<WebCryptoLike> | undefined)?.subtle;
  if (crypto === undefined || subtle === undefined) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      "no SubtleCrypto here; in a browser it needs HTTPS or localhost",
    );
  }
  const randomBytes = randomSource(crypto);
  return buildProbingProvider("webcrypto", async (params) => ({
    params,
    kdf: nobleKdf(params.kdf.hash),
    kdfOf: nobleKdf,
    aead: await webAead(subtle, params.aead),
    group: webDhGroup(subtle, params.kem),
    signature: webSignatureScheme(params.signature, subtle, randomBytes),
    randomBytes,
  }));
}
