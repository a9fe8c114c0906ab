import type { DhGroup } from "@openmls-ts/hpke";

/** A decapsulation key of ML-KEM-768, by what it can do. */
export interface MlKemKey {
  /** 1184 bytes. */
  readonly publicKey: Uint8Array;
  /** @param ciphertext 1088 bytes @returns 32 bytes */
  decapsulate(ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** What X-Wing is made of, on one crypto backend. */
export interface XWingBackend {
  /** ML-KEM.KeyGen_internal (FIPS 203, algorithm 16). @param seed d and z: 64 bytes */
  mlKemKey(seed: Uint8Array): Promise<MlKemKey>;
  /**
   * ML-KEM.Encaps_internal (FIPS 203, algorithm 17) with given randomness, or with the backend's own where it lets
   * nobody choose.
   * @param randomness 32 bytes
   */
  mlKemEncapsulate(
    publicKey: Uint8Array,
    randomness: Uint8Array,
  ): Promise<{ readonly ciphertext: Uint8Array; readonly secret: Uint8Array }>;
  /** Whether {@link mlKemEncapsulate} uses the randomness it is given. */
  readonly deterministic: boolean;
  /** The provider's own X25519. */
  readonly x25519: DhGroup;
  sha3(data: Uint8Array): Uint8Array;
  shake256(data: Uint8Array, length: number): Uint8Array;
}
