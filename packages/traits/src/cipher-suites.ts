/**
 * Code points of the cipher suites of RFC 9420 §17.1. Others are numbers like these: a provider is told about them by
 * rows of its own.
 */
export const CipherSuiteId = {
  MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519: 1,
  MLS_128_DHKEMP256_AES128GCM_SHA256_P256: 2,
  MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519: 3,
  MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448: 4,
  MLS_256_DHKEMP521_AES256GCM_SHA512_P521: 5,
  MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448: 6,
  MLS_256_DHKEMP384_AES256GCM_SHA384_P384: 7,
} as const;
/** A code point of {@link CipherSuiteId}. */
export type CipherSuiteId = (typeof CipherSuiteId)[keyof typeof CipherSuiteId];

/** A key encapsulation mechanism (RFC 9180 §7.1). All sizes in bytes. */
export interface KemParams {
  /** HPKE's identifier, a uint16. */
  readonly id: number;
  /** By which implementations are found. */
  readonly name: string;
  /** Nsecret, the length of the KEM's shared secret. */
  readonly sharedSecretLength: number;
  /** Nenc, the length of an encapsulated key. */
  readonly encapsulatedLength: number;
  /** Npk, the length of a public key. */
  readonly publicKeyLength: number;
  /** Nsk, the length of a private key. */
  readonly privateKeyLength: number;
  /** Of a DHKEM: its curve. */
  readonly curve?: DhCurve;
  /** Of a DHKEM: the hash of the KDF inside the KEM. */
  readonly hash?: HashName;
}

/** A DHKEM (RFC 9180 §4.1). */
export interface DhKemParams extends KemParams {
  readonly curve: DhCurve;
  readonly hash: HashName;
}

/** A curve for Diffie-Hellman. */
export type DhCurve = "X25519" | "X448" | "P-256" | "P-384" | "P-521";

/** A hash function that every provider has, by its common name. */
export type HashName = "SHA-256" | "SHA-384" | "SHA-512";

/** A key derivation function of RFC 9180 §7.2. */
export interface KdfParams {
  readonly id: number;
  readonly name: string;
  readonly hash: string;
  /** Nh, the output length of the hash in bytes. */
  readonly hashLength: number;
}

/** An AEAD of RFC 9180 §7.3. */
export interface AeadParams {
  readonly id: number;
  readonly name: string;
  /** Nk, in bytes. */
  readonly keyLength: number;
  /** Nn, in bytes. */
  readonly nonceLength: number;
  /** Nt, in bytes. */
  readonly tagLength: number;
}

/** A signature scheme of TLS 1.3 (RFC 8446 §4.2.3). */
export interface SignatureParams {
  /** The code point in the TLS SignatureScheme registry. */
  readonly id: number;
  readonly name: string;
  /** Length of a public key in bytes: raw for EdDSA, uncompressed point for ECDSA. */
  readonly publicKeyLength: number;
  /** Length of a private key in bytes: seed for EdDSA, scalar for ECDSA. */
  readonly privateKeyLength: number;
  /** The longest signature in bytes; ECDSA's DER may be shorter, EdDSA's always has this length. */
  readonly maxSignatureLength: number;
}

/** One row of the registry, built from small entries. */
export interface CipherSuiteParams {
  /** The code point, a uint16; `0xf000` to `0xffff` are for private use (RFC 9420 §17.1). */
  readonly id: number;
  readonly name: string;
  readonly kem: KemParams;
  /** HPKE's KDF, and that of MLS. */
  readonly kdf: KdfParams;
  readonly aead: AeadParams;
  /** The hash of MLS by its name: transcripts, trees, references, HMAC. That of the KDF in all suites of RFC 9420. */
  readonly hash: string;
  readonly signature: SignatureParams;
}

function kem(
  id: number,
  curve: DhCurve,
  hash: HashName,
  sharedSecretLength: number,
  publicKeyLength: number,
  privateKeyLength: number,
): DhKemParams {
  const name = `DHKEM(${curve}, HKDF-${hash.replace("-", "")})`;
  return {
    id,
    name,
    curve,
    sharedSecretLength,
    encapsulatedLength: publicKeyLength,
    publicKeyLength,
    privateKeyLength,
    hash,
  };
}

// RFC 9180 §7.1, table 2
const P256: DhKemParams = kem(0x0010, "P-256", "SHA-256", 32, 65, 32);
const P384: DhKemParams = kem(0x0011, "P-384", "SHA-384", 48, 97, 48);
const P521: DhKemParams = kem(0x0012, "P-521", "SHA-512", 64, 133, 66);
const X25519: DhKemParams = kem(0x0020, "X25519", "SHA-256", 32, 32, 32);
const X448: DhKemParams = kem(0x0021, "X448", "SHA-512", 64, 56, 56);

// RFC 9180 §7.2, table 3
const SHA256: KdfParams = { id: 1, name: "HKDF-SHA256", hash: "SHA-256", hashLength: 32 };
const SHA384: KdfParams = { id: 2, name: "HKDF-SHA384", hash: "SHA-384", hashLength: 48 };
const SHA512: KdfParams = { id: 3, name: "HKDF-SHA512", hash: "SHA-512", hashLength: 64 };

// RFC 9180 §7.3, table 5
const AES128: AeadParams = { id: 1, name: "AES-128-GCM", keyLength: 16, nonceLength: 12, tagLength: 16 };
const AES256: AeadParams = { id: 2, name: "AES-256-GCM", keyLength: 32, nonceLength: 12, tagLength: 16 };
const CHACHA: AeadParams = {
  id: 3,
  name: "ChaCha20-Poly1305",
  keyLength: 32,
  nonceLength: 12,
  tagLength: 16,
};

function signature(
  id: number,
  name: SignatureParams["name"],
  publicKeyLength: number,
  privateKeyLength: number,
  maxSignatureLength: number,
): SignatureParams {
  return { id, name, publicKeyLength, privateKeyLength, maxSignatureLength };
}

// RFC 8446 §4.2.3; an ECDSA signature is a DER SEQUENCE of two INTEGERs
const ECDSA_P256: SignatureParams = signature(0x0403, "ECDSA-P256", 65, 32, 72);
const ECDSA_P384: SignatureParams = signature(0x0503, "ECDSA-P384", 97, 48, 104);
const ECDSA_P521: SignatureParams = signature(0x0603, "ECDSA-P521", 133, 66, 139);
const ED25519: SignatureParams = signature(0x0807, "Ed25519", 32, 32, 64);
const ED448: SignatureParams = signature(0x0808, "Ed448", 57, 57, 114);

/** The KEMs of RFC 9420's suites, for rows of one's own. */
export const KEMS: Readonly<Record<DhCurve, DhKemParams>> = {
  "P-256": P256,
  "P-384": P384,
  "P-521": P521,
  X25519,
  X448,
};
/** The KDFs of RFC 9420's suites by their hash, for rows of one's own. */
export const KDFS: Readonly<Record<HashName, KdfParams>> = {
  "SHA-256": SHA256,
  "SHA-384": SHA384,
  "SHA-512": SHA512,
};
/** The AEADs of RFC 9420's suites, for rows of one's own. */
export const AEADS: Readonly<Record<"AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305", AeadParams>> = {
  "AES-128-GCM": AES128,
  "AES-256-GCM": AES256,
  "ChaCha20-Poly1305": CHACHA,
};
/** The signature schemes of RFC 9420's suites, for rows of one's own. */
export const SIGNATURES: Readonly<
  Record<"ECDSA-P256" | "ECDSA-P384" | "ECDSA-P521" | "Ed25519" | "Ed448", SignatureParams>
> = {
  "ECDSA-P256": ECDSA_P256,
  "ECDSA-P384": ECDSA_P384,
  "ECDSA-P521": ECDSA_P521,
  Ed25519: ED25519,
  Ed448: ED448,
};

function suite(
  name: keyof typeof CipherSuiteId,
  kemRow: KemParams,
  kdf: KdfParams,
  aead: AeadParams,
  signatureRow: SignatureParams,
): CipherSuiteParams {
  return { id: CipherSuiteId[name], name, kem: kemRow, kdf, aead, hash: kdf.hash, signature: signatureRow };
}

/** The suites that every provider knows: one row a suite (RFC 9420 §17.1). */
export const CIPHER_SUITES: readonly CipherSuiteParams[] = [
  suite("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", X25519, SHA256, AES128, ED25519),
  suite("MLS_128_DHKEMP256_AES128GCM_SHA256_P256", P256, SHA256, AES128, ECDSA_P256),
  suite("MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", X25519, SHA256, CHACHA, ED25519),
  suite("MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", X448, SHA512, AES256, ED448),
  suite("MLS_256_DHKEMP521_AES256GCM_SHA512_P521", P521, SHA512, AES256, ECDSA_P521),
  suite("MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", X448, SHA512, CHACHA, ED448),
  suite("MLS_256_DHKEMP384_AES256GCM_SHA384_P384", P384, SHA384, AES256, ECDSA_P384),
];

/** The row of a code point of RFC 9420, or `undefined` for others. */
export function cipherSuiteParams(id: number): CipherSuiteParams | undefined {
  return CIPHER_SUITES.find((row) => row.id === id);
}
