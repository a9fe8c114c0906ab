import { type Extension, type PublicKey, X509Certificate } from "./x509.ts";
import { equalBytes } from "@openmls-ts/traits";
import { checkDer, derChildren } from "./der.ts";

/** A certificate that was read and not yet judged. Fields of bytes are as they stand in it. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly parsed: X509Certificate;
  /** Name, as DER. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  /** SubjectPublicKeyInfo, as DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
  /** Seconds since 1970, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Tag of the version, which certificates of version 1 lack. */
const VERSION = 0xa0;

//   TBSCertificate  ::=  SEQUENCE  {
//        version         [0]  EXPLICIT Version DEFAULT v1,
//        serialNumber         CertificateSerialNumber,
//        signature            AlgorithmIdentifier,
//        issuer               Name,
//        validity             Validity,
//        subject              Name,
//        subjectPublicKeyInfo SubjectPublicKeyInfo,
//        … }
/**
 * Reads a certificate (RFC 5280 §4.1).
 * @throws Error of any kind for what is none
 */
export function readCertificate(der: Uint8Array): Certificate {
  checkDer(der);
  const parsed = new X509Certificate(new Uint8Array(der));
  if (!equalBytes(new Uint8Array(parsed.rawData), der)) {
    throw new RangeError("the certificate stands in another encoding than DER"); // the parser reads PEM and hex too
  }
  const [tbs, outerAlgorithm] = derChildren(der);
  const fields = derChildren(tbs!).filter((field, at) => at > 0 || field[0] !== VERSION);
  const [, innerAlgorithm, issuer, , subject, publicKeyInfo] = fields;
  if (!equalBytes(innerAlgorithm!, outerAlgorithm!)) {
    throw new RangeError("the certificate names two signature algorithms"); // RFC 5280 §4.1.1.2
  }
  return {
    der,
    parsed,
    subject: subject!,
    issuer: issuer!,
    publicKeyInfo: publicKeyInfo!,
    publicKey: parsed.publicKey,
    extensions: parsed.extensions,
    notBefore: parsed.notBefore.getTime() / 1000,
    notAfter: parsed.notAfter.getTime() / 1000,
  };
}

/** Whether two names are the same, octet by octet: issuers copy the subject of their own certificate. */
export function sameName(one: Uint8Array, other: Uint8Array): boolean {
  return equalBytes(one, other);
}

/** Whether a certificate names itself as issuer, so does not count for path lengths (RFC 5280 §6.1). */
export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return sameName(subject, issuer);
}
