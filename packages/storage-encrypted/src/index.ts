export { encryptedStorage } from "./encrypted-storage.ts";
export type { EncryptedStorage, EncryptedStorageOptions } from "./encrypted-storage.ts";
export type { StoreFault } from "./errors.ts";
export { passphraseKey } from "./passphrase-key.ts";
export type { PassphraseOptions } from "./passphrase-key.ts";
export { bytesKey } from "./store-key.ts";
export type { StoreKey } from "./store-key.ts";
export { webCryptoKey } from "./web-crypto-key.ts";
export type { CryptoKeyLike } from "./web-crypto-key.ts";
