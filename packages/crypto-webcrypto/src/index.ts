export { cryptoKeySigner } from "./crypto-key-signer.ts";
export type { CryptoKeyLike, CryptoKeySignerOptions } from "./crypto-key-signer.ts";
export type {
  OwnBytes,
  SubtleCryptoLike,
  WebCryptoAlgorithm,
  WebCryptoKeyUsage,
  WebCryptoLike,
} from "./subtle.ts";
export { webCrypto } from "./web-crypto.ts";
export type { WebCryptoOptions } from "./web-crypto.ts";
