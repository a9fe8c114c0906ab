import { MlsError } from "@openmls-ts/traits";

/** Bytes that the runtime may read: it refuses shared memory. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** A Web Crypto algorithm with its parameters. */
export interface WebCryptoAlgorithm {
  readonly name: string;
  /** Of ECDH and ECDSA keys. */
  readonly namedCurve?: string;
  /** Of ECDSA. */
  readonly hash?: string;
  /** The other side's key in a Diffie-Hellman. */
  readonly public?: object;
  /** Of an AEAD: the nonce, what is authenticated besides the text, and the tag's length in bits. */
  readonly iv?: OwnBytes;
  readonly additionalData?: OwnBytes;
  readonly tagLength?: number;
}

/** The key usages that are asked for here. */
export type WebCryptoKeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "deriveBits";

/**
 * The part of `SubtleCrypto` that is used here, so that users need no DOM types. A `CryptoKey` is an `object`: it is
 * only ever handed back to the runtime that made it.
 */
export interface SubtleCryptoLike {
  importKey(
    format: string,
    keyData: OwnBytes,
    algorithm: WebCryptoAlgorithm,
    extractable: boolean,
    keyUsages: WebCryptoKeyUsage[],
  ): Promise<object>;
  exportKey(format: "jwk", key: object): Promise<object>;
  exportKey(format: "raw", key: object): Promise<ArrayBuffer>;
  generateKey(
    algorithm: WebCryptoAlgorithm,
    extractable: boolean,
    keyUsages: WebCryptoKeyUsage[],
  ): Promise<object>;
  sign(algorithm: WebCryptoAlgorithm, key: object, data: OwnBytes): Promise<ArrayBuffer>;
  verify(algorithm: WebCryptoAlgorithm, key: object, signature: OwnBytes, data: OwnBytes): Promise<boolean>;
  encrypt(algorithm: WebCryptoAlgorithm, key: object, data: OwnBytes): Promise<ArrayBuffer>;
  decrypt(algorithm: WebCryptoAlgorithm, key: object, data: OwnBytes): Promise<ArrayBuffer>;
  deriveBits(algorithm: WebCryptoAlgorithm, baseKey: object, length: number): Promise<ArrayBuffer>;
}

/** The part of `Crypto` that is used here: `globalThis.crypto` fits. */
export interface WebCryptoLike {
  readonly subtle: SubtleCryptoLike;
  getRandomValues(array: OwnBytes): OwnBytes;
}

/** The Web Crypto that was given, or the runtime's. @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` without SubtleCrypto */
export function webCryptoOf(given: WebCryptoLike | undefined): WebCryptoLike {
  const crypto = given ?? (globalThis as { readonly crypto?: WebCryptoLike }).crypto;
  if (crypto === undefined || (crypto as Partial<WebCryptoLike>).subtle === undefined) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      "no SubtleCrypto here; in a browser it needs HTTPS or localhost",
    );
  }
  return crypto;
}

/** Bytes as the runtime takes them: the same memory, or a copy of shared memory. */
export function own(bytes: Uint8Array): OwnBytes {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as OwnBytes) : Uint8Array.from(bytes);
}

/** The error for a key of wrong length or form, or one that the runtime refuses. Says nothing about the key. */
export function invalidKey(what: string, cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_INVALID_KEY", `not a ${what}`, { cause });
}
