import type { Certificate } from "./certificate.ts";

/** The part of Web Crypto's global that is needed, so that users need no DOM types. */
export interface WebCryptoLike {
  readonly subtle: object;
}

/** Hashes that signatures of certificates may use. */
const HASHES: readonly unknown[] = ["SHA-256", "SHA-384", "SHA-512"];

/** Shortest and longest RSA modulus in bits, the latter because anybody can make us verify. */
const RSA_BITS = { min: 2048, max: 8192 } as const;

/** Most octets of an RSA exponent: 65537 needs three. */
const RSA_EXPONENT_LENGTH = 4;

/** As @peculiar/x509 has it; there is no hash for EdDSA, and no name but an identifier for what it does not know. */
interface SignatureAlgorithm {
  readonly name: string;
  readonly hash?: { readonly name?: string };
}

interface RsaKey {
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array;
}

/** Whether the signature's algorithm and the issuer's key are of a kind that counts. */
function isStrong(certificate: Certificate, issuer: Certificate): boolean {
  const { name, hash } = certificate.parsed.signatureAlgorithm as unknown as SignatureAlgorithm;
  if (name === "Ed25519") {
    return true;
  }
  if (!HASHES.includes(hash?.name)) {
    return false;
  }
  if (name === "ECDSA") {
    return true;
  }
  const { modulusLength = 0, publicExponent } = issuer.publicKey.algorithm as RsaKey;
  return (
    (name === "RSASSA-PKCS1-v1_5" || name === "RSA-PSS") &&
    modulusLength >= RSA_BITS.min &&
    modulusLength <= RSA_BITS.max &&
    publicExponent !== undefined &&
    publicExponent.length <= RSA_EXPONENT_LENGTH
  );
}

/**
 * Whether the issuer's key made the certificate's signature, by the algorithm of the issuer's key (RFC 5280 §6.1.3). Weak or
 * unknown algorithms did not, and failures of the runtime count as no.
 * @internal because the declarations of a certificate need the DOM library
 */
export async function certifies(
  issuer: Certificate,
  certificate: Certificate,
  crypto: WebCryptoLike,
): Promise<boolean> {
  try {
    const publicKey = issuer.publicKey;
    return (
      isStrong(certificate, issuer) &&
      (await certificate.parsed.verify({ publicKey, signatureOnly: true }, crypto as never))
    );
  } catch {
    return false;
  }
}
