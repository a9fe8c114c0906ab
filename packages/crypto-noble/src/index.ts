export { nobleCrypto } from "./noble-crypto.ts";
export type { NobleCryptoOptions } from "./noble-crypto.ts";
