import type {
  AeadParams,
  CipherSuiteParams,
  DhKemParams,
  HpkeKeyPair,
  KdfParams,
  SignatureKeys,
  SigningKey,
} from "@openmls-ts/traits";

/** A hash function. */
export interface HashOperations {
  hash(data: Uint8Array): Uint8Array;
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
}

/** Hash, HMAC and HKDF over one hash function. */
export interface Kdf extends HashOperations {
  readonly params: KdfParams;
  extract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array;
  /** @param length 0 to 255·Nh bytes, checked by the implementation (`ERR_MLS_USAGE`) */
  expand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

/** One AEAD. */
export interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** @throws MlsError `ERR_MLS_DECRYPTION`, the same for every cause */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** What {@link Kem.encap} gives; the shared secret belongs to the caller, who wipes it. */
export interface Encapsulated {
  /** Nsecret bytes. */
  readonly sharedSecret: Uint8Array;
  /** Nenc bytes. */
  readonly kemOutput: Uint8Array;
}

/**
 * A key encapsulation mechanism (RFC 9180 §4) without the authenticated modes. Lengths of keys and outputs are checked
 * above it; private keys have the one form that is stored, Nsk bytes.
 */
export interface Kem {
  /** DeriveKeyPair: the same for the same input of any length, on every implementation. */
  deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair>;
  /** Encap, with fresh randomness. @throws MlsError `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO` */
  encap(publicKey: Uint8Array): Promise<Encapsulated>;
  /** Decap, to the shared secret. @throws MlsError `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO` */
  decap(kemOutput: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array>;
  /** Whether bytes of the right length are a public key. */
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** What {@link DhGroup.agree} gives. */
export interface DhAgreement {
  /** The u-coordinate (X25519, X448) or the x-coordinate (NIST curves). */
  readonly secret: Uint8Array;
  /** The public key of the private one. */
  readonly publicKey: Uint8Array;
}

/** The Diffie-Hellman group under a DHKEM (RFC 9180 §4.1). */
export interface DhGroup {
  readonly params: DhKemParams;
  /** The public key of a private key of Nsk bytes. @throws MlsError `ERR_MLS_INVALID_KEY` */
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  /**
   * The shared secret, and the own public key with it: a KEM needs both, and a private key is imported once.
   * @throws MlsError `ERR_MLS_INVALID_KEY` for a key of wrong length, compressed, or off the curve,
   *   `ERR_MLS_CRYPTO` for an all-zero result (RFC 9180 §7.1.4)
   */
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Promise<DhAgreement>;
  /**
   * As {@link agree}, with a fresh key pair of which only the public half is ever seen. For backends that do this faster than
   * they import a private key; without it one is derived from random bytes.
   */
  agreeFresh?(publicKey: Uint8Array): Promise<DhAgreement>;
  /** Exact length, uncompressed, on the curve, not the point at infinity. */
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** One signature scheme. */
export interface SignatureScheme {
  sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** Where it is worth it: imports a private key, of which no bytes are kept, to sign many times. */
  importSigningKey?(privateKey: Uint8Array): Promise<SigningKey>;
  /** `false` for everything that is not a good signature; never throws for what came from outside. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  generateKeys(): Promise<SignatureKeys>;
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** What one suite is made of; `buildCipherSuite` does the rest. */
export interface SuitePrimitives {
  readonly params: CipherSuiteParams;
  /** The suite's hash. */
  readonly hash: HashOperations;
  /** The suite's KDF. */
  readonly kdf: Kdf;
  readonly aead: Aead;
  readonly kem: Kem;
  readonly signature: SignatureScheme;
  randomBytes(length: number): Uint8Array;
}

/** Implementations by name. */
export type Implementations<Params, Part> = Readonly<Record<string, (params: Params) => Part>>;

/** What a backend has. */
export interface CryptoBackend {
  /** For people, for example `noble`. */
  readonly name: string;
  /** Whether what it has depends on the runtime: then a suite is tried before it is first handed out. */
  readonly probes: boolean;
  /** By curve, for DHKEM. */
  readonly groups: Implementations<DhKemParams, DhGroup>;
  /** By hash. */
  readonly kdfs: Implementations<KdfParams, Kdf>;
  /** By name. */
  readonly aeads: Implementations<AeadParams, Aead | Promise<Aead>>;
  /** By name. */
  readonly signatures: Implementations<CipherSuiteParams["signature"], SignatureScheme>;
  randomBytes(length: number): Uint8Array;
}
