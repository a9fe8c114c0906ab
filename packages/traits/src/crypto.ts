import type { CipherSuiteParams } from "./cipher-suites.ts";

/** A KEM key pair as bytes: lengths Nsk and Npk of the suite's KEM. */
export interface HpkeKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** What {@link HpkeSealContext.seal} returns. */
export interface HpkeSealed {
  /** The encapsulated key, Nenc bytes. */
  readonly kemOutput: Uint8Array;
  /** The ciphertext with its tag: plaintext length + Nt bytes. */
  readonly ciphertext: Uint8Array;
}

/** Both sides of the HPKE secret export. */
export interface HpkeExported {
  /** The encapsulated key, Nenc bytes. */
  readonly kemOutput: Uint8Array;
  /** The exported secret, of the length asked for. */
  readonly secret: Uint8Array;
}

/**
 * The part of HPKE's key schedule that does not depend on the recipient (RFC 9180 §5.1), computed once per `info`
 * and used for any number of recipients.
 */
export interface HpkeSealContext {
  /**
   * SealBase to one recipient (RFC 9180 §6.1).
   * @param publicKey recipient's KEM public key, Npk bytes
   * @throws MlsError `ERR_MLS_INVALID_KEY` for a malformed or off-curve key, `ERR_MLS_CRYPTO` for an all-zero
   *   Diffie-Hellman result
   */
  seal(publicKey: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<HpkeSealed>;
}

/** A pre-shared key for HPKE's PSK mode (RFC 9180 §5.1.2), which shows that the sender knows it. */
export interface HpkePsk {
  /** At least 32 bytes, with as much entropy (RFC 9180 §9.5). */
  readonly psk: Uint8Array;
  /** Tells which one it is; at least one byte. */
  readonly pskId: Uint8Array;
}

/** The sending side of one HPKE context, set up for one recipient and for one message. */
export interface HpkeSender {
  /** The encapsulated key, Nenc bytes: known before the message is sealed. */
  readonly kemOutput: Uint8Array;
  /**
   * ContextS.Seal (RFC 9180 §5.2), once: the keys are erased by it.
   * @throws MlsError `ERR_MLS_USAGE` the second time
   */
  seal(aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
}

/** Raw signature keys, as a key generator hands them out. */
export interface SignatureKeys {
  /** Seed (EdDSA) or big-endian scalar (ECDSA) of the length in {@link CipherSuiteParams}. */
  readonly privateKey: Uint8Array;
  /** Raw key (EdDSA) or uncompressed point (ECDSA). */
  readonly publicKey: Uint8Array;
}

/** A private signature key that was imported once, to sign many times. */
export interface SigningKey {
  /** As {@link CipherSuite.sign} with the key. @throws MlsError `ERR_MLS_CRYPTO` when the runtime fails */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * All cryptography of one cipher suite (RFC 9420 §5.1). No method keeps, changes or returns a view of its arguments.
 * Every failure is an `MlsError`; a key of the wrong length or form is `ERR_MLS_INVALID_KEY`.
 */
export interface CipherSuite {
  /** The code point, a uint16. */
  readonly id: number;
  readonly params: CipherSuiteParams;

  /** The suite's hash of any number of bytes. */
  hash(data: Uint8Array): Uint8Array;
  /** HMAC with the suite's hash. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HKDF-Extract (RFC 5869 §2.2); Nh bytes. */
  hkdfExtract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array;
  /**
   * HKDF-Expand (RFC 5869 §2.3).
   * @param length 0 to 255·Nh bytes
   * @throws MlsError `ERR_MLS_USAGE` for any other length
   */
  hkdfExpand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array;

  /** AEAD encryption. @param key Nk bytes @param nonce Nn bytes @returns ciphertext followed by Nt bytes of tag */
  aeadSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /**
   * AEAD decryption.
   * @throws MlsError `ERR_MLS_DECRYPTION` for every cause alike, a ciphertext shorter than the tag included
   */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;

  /** Prepares sealing to many recipients under one `info`. */
  hpkeSealContext(info: Uint8Array): HpkeSealContext;
  /**
   * SetupBaseS, or SetupPSKS with a pre-shared key (RFC 9180 §5.1.1 and §5.1.2).
   * @param publicKey recipient's KEM public key, Npk bytes
   * @throws MlsError as {@link HpkeSealContext.seal}; `ERR_MLS_USAGE` for a pre-shared key that is too short or has no name
   */
  hpkeSetupSender(publicKey: Uint8Array, info: Uint8Array, psk?: HpkePsk): Promise<HpkeSender>;
  /**
   * OpenBase, or OpenPSK with a pre-shared key (RFC 9180 §6.1).
   * @param privateKey Nsk bytes @param kemOutput Nenc bytes
   * @throws MlsError `ERR_MLS_USAGE` as {@link hpkeSetupSender}; `ERR_MLS_DECRYPTION` when the ciphertext does not open, `ERR_MLS_INVALID_KEY` or `ERR_MLS_CRYPTO`
   *   for a malformed encapsulated key
   */
  hpkeOpen(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    psk?: HpkePsk,
  ): Promise<Uint8Array>;
  /** SendExportBase (RFC 9180 §6.2). @param length 0 to 255·Nh bytes */
  hpkeExportSender(
    publicKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<HpkeExported>;
  /** ReceiveExportBase (RFC 9180 §6.2). @param length 0 to 255·Nh bytes */
  hpkeExportReceiver(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<Uint8Array>;
  /** DeriveKeyPair (RFC 9180 §7.1.3). @param inputKeyMaterial at least Nsk bytes of entropy; any length is taken */
  deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair>;
  /** Whether the bytes are a KEM public key of this suite: exact length, uncompressed, on the curve (RFC 9420 §5.1.1). */
  isValidHpkePublicKey(publicKey: Uint8Array): Promise<boolean>;

  /**
   * Verifies a signature: EdDSA as in RFC 8032, ECDSA as DER (RFC 8446 §4.2.3).
   * @returns `true` for a good signature and `false` for everything else, malformed keys and signatures included
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** Signs; for key pairs held as bytes. Applications with an HSM implement {@link Signer} instead. */
  sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /**
   * Imports a private key to sign with many times, in providers where importing costs more than signing; the others have no
   * such method. The bytes stay the caller's and are not kept. What is kept lies in the runtime's memory, and goes when the
   * object is collected as garbage: drop it as soon as the key is not needed any more.
   * @throws MlsError `ERR_MLS_INVALID_KEY`
   */
  importSigningKey?(privateKey: Uint8Array): Promise<SigningKey>;
  /** A fresh signature key pair. */
  generateSignatureKeys(): Promise<SignatureKeys>;
  /** The public key of a private one. @throws MlsError `ERR_MLS_INVALID_KEY` */
  signaturePublicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  /** Whether the bytes are a signature public key of this suite: exact length and form, on the curve (RFC 9420 §5.1.1). */
  isValidSignaturePublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** A crypto backend. */
export interface CryptoProvider {
  /** For people and test tables, for example `noble`. */
  readonly name: string;
  /** The suites that work on this runtime, ascending, found by trying and not by guessing. */
  supportedCipherSuites(): Promise<readonly number[]>;
  /**
   * One suite, ready to use; probes the runtime the first time and answers from a cache afterwards.
   * @throws MlsError `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`; `ERR_MLS_USAGE` for what is no number
   */
  cipherSuite(id: number): Promise<CipherSuite>;
}

/**
 * Something that signs: a key in memory, an HSM, a KMS, a non-extractable CryptoKey. The library calls nothing else
 * on it, so the private key never enters mls-core.
 */
export interface Signer {
  /** The public key whose leaf this signer acts for: raw (EdDSA) or uncompressed point (ECDSA). */
  readonly publicKey: Uint8Array;
  /** Signs the bytes as they are (no pre-hash) in the encoding of the suite's scheme (RFC 9420 §5.1.2). */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
