/** Security category by the parameter set's number (FIPS 203 §8). */
export type MlKemLevel = 768 | 1024;

/** Parameter set by its number (FIPS 204 §4). */
export type MlDsaLevel = 44 | 65 | 87;

/** ML-KEM (FIPS 203) with private keys as seeds d || z of 64 bytes. */
export interface MlKem {
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
  /** @throws Error for a public key that the encapsulation key check refuses (FIPS 203 §7.2) */
  encapsulate(
    publicKey: Uint8Array,
  ): Promise<{ readonly sharedSecret: Uint8Array; readonly ciphertext: Uint8Array }>;
  /** A ciphertext that was not made for the key gives another secret and no error (FIPS 203 §6.3). */
  decapsulate(ciphertext: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
}

/** Pure ML-DSA (FIPS 204) with an empty context and private keys as seeds of 32 bytes. */
export interface MlDsa {
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
  sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Where the post-quantum algorithms come from. */
export interface PostQuantumEngine {
  readonly mlKem: (level: MlKemLevel) => Promise<MlKem>;
  readonly mlDsa: (level: MlDsaLevel) => Promise<MlDsa>;
}
