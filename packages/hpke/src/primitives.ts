import type {
  AeadParams,
  CipherSuiteParams,
  HashName,
  KdfParams,
  KemParams,
  SignatureKeys,
  SignatureParams,
} from "@openmls-ts/traits";

/** Hash, HMAC and HKDF over one hash function. */
export interface Kdf {
  readonly params: KdfParams;
  hash(data: Uint8Array): Uint8Array;
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  extract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array;
  /** @param length 0 to 255·Nh bytes, checked by the implementation (`ERR_MLS_USAGE`) */
  expand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

/** One AEAD. */
export interface Aead {
  readonly params: AeadParams;
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** @throws MlsError `ERR_MLS_DECRYPTION`, the same for every cause */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** The Diffie-Hellman group under a DHKEM (RFC 9180 §4.1). */
export interface DhGroup {
  readonly params: KemParams;
  /** The public key of a private key of Nsk bytes. @throws MlsError `ERR_MLS_INVALID_KEY` */
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  /**
   * The shared secret: the u-coordinate (X25519, X448) or the x-coordinate (NIST curves).
   * @throws MlsError `ERR_MLS_INVALID_KEY` for a key of wrong length, compressed, or off the curve,
   *   `ERR_MLS_CRYPTO` for an all-zero result (RFC 9180 §7.1.4)
   */
  diffieHellman(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array>;
  /** Exact length, uncompressed, on the curve, not the point at infinity. */
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** One signature scheme. */
export interface SignatureScheme {
  readonly params: SignatureParams;
  sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** `false` for everything that is not a good signature; never throws for what came from outside. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  generateKeys(): Promise<SignatureKeys>;
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** What a backend supplies for one suite; `buildCipherSuite` does the rest. */
export interface SuitePrimitives {
  readonly params: CipherSuiteParams;
  /** The suite's KDF. */
  readonly kdf: Kdf;
  /** The KDF of a hash that the KEM uses inside, which may differ from the suite's own. */
  kdfOf(hash: HashName): Kdf;
  readonly aead: Aead;
  readonly group: DhGroup;
  readonly signature: SignatureScheme;
  randomBytes(length: number): Uint8Array;
}
