import { badArgument, concatBytes, MlsError } from "@openmls-ts/traits";
import { wrongKey } from "./errors.ts";
import { randomBytes } from "./random.ts";
import type { StoreKey } from "./store-key.ts";

/** Of AES-GCM, in bytes. */
const IV_LENGTH = 12;

/** What is used of a `CryptoKey`, so that nobody needs DOM types. */
export interface CryptoKeyLike {
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
}

interface AesGcm {
  readonly name: "AES-GCM";
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}
type Cipher = (algorithm: AesGcm, key: CryptoKeyLike, data: Uint8Array) => Promise<ArrayBuffer>;
interface Runtime {
  readonly crypto?: { readonly subtle?: { readonly encrypt: Cipher; readonly decrypt: Cipher } };
}

/**
 * A {@link StoreKey} that is a `CryptoKey`, extractable or not: keep it in IndexedDB, which stores it without showing it.
 * 96-bit nonces are random: a key seals a few times in its life, so far from 2^32 times.
 * @param key of AES-GCM (use 256 bits) with the usages `encrypt` and `decrypt`
 * @throws MlsError `ERR_MLS_USAGE` for another key, `ERR_MLS_UNSUPPORTED_RUNTIME` without SubtleCrypto
 */
export function webCryptoKey(key: CryptoKeyLike): StoreKey {
  const given = key as Partial<CryptoKeyLike> | null | undefined;
  const fits =
    given?.algorithm?.name === "AES-GCM" &&
    ["encrypt", "decrypt"].every((usage) => given.usages?.includes(usage) === true);
  if (!fits) {
    throw badArgument("key", key, "a CryptoKey of AES-GCM that may encrypt and decrypt");
  }
  const subtle = (globalThis as unknown as Runtime).crypto?.subtle;
  if (subtle === undefined) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      "this runtime has no SubtleCrypto (in a page: no HTTPS)",
    );
  }
  return {
    kind: "aes-gcm",
    seal: async (secret, context) => {
      const iv = randomBytes(IV_LENGTH);
      const sealed = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: context }, key, secret);
      return concatBytes(iv, new Uint8Array(sealed));
    },
    open: async (sealed, context) => {
      const iv = sealed.slice(0, IV_LENGTH);
      const algorithm: AesGcm = { name: "AES-GCM", iv, additionalData: context };
      try {
        return new Uint8Array(await subtle.decrypt(algorithm, key, sealed.slice(IV_LENGTH)));
      } catch {
        throw wrongKey();
      }
    },
  };
}
