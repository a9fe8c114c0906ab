import {
  BasicConstraintsExtension,
  type Extension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
} from "./x509.ts";
import { type Certificate, isSelfIssued } from "./certificate.ts";

// Object identifiers of RFC 5280 §4.2.1.
const OID = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  extendedKeyUsage: "2.5.29.37",
  anyExtendedKeyUsage: "2.5.29.37.0",
} as const;

/** What is understood here; whatever else is critical refuses a certificate. */
const UNDERSTOOD: readonly string[] = [
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.extendedKeyUsage,
];

/** Bits of KeyUsage (RFC 5280 §4.2.1.3). */
const DIGITAL_SIGNATURE = 1;
const KEY_CERT_SIGN = 32;

/** Name of an empty subject or issuer, as DER. */
const EMPTY_NAME = 2;

type ExtensionType<T> = abstract new (...args: never[]) => T;

function find<T extends Extension>(certificate: Certificate, type: ExtensionType<T>): T | undefined {
  return certificate.extensions.find((one): one is T => one instanceof type);
}

function allows(certificate: Certificate, bit: number): boolean {
  const usage = find(certificate, KeyUsagesExtension);
  return usage === undefined || (usage.usages & bit) !== 0; // RFC 5280 §6.1.4 (n): if it is there
}

/**
 * What is wrong about a certificate wherever it stands: its time, and extensions that nobody here understands.
 * @param now seconds since 1970
 */
export function certificateProblem(certificate: Certificate, now: bigint): string | undefined {
  const time = Number(now);
  if (!(time >= certificate.notBefore)) {
    return "is not valid yet";
  }
  if (!(time <= certificate.notAfter)) {
    return "has expired";
  }
  if (certificate.issuer.length <= EMPTY_NAME) {
    return "names no issuer"; // RFC 5280 §4.1.2.4
  }
  const seen = new Set<string>();
  for (const { type, critical } of certificate.extensions) {
    if (seen.has(type)) {
      return `has extension ${type} twice`; // RFC 5280 §4.2
    }
    seen.add(type);
    if (type === OID.nameConstraints) {
      return "has name constraints, which are not supported"; // critical by RFC 5280 §4.2.1.10
    }
    if (critical && !UNDERSTOOD.includes(type)) {
      return `has the unknown critical extension ${type}`; // RFC 5280 §4.2
    }
  }
  return undefined;
}

/**
 * What is wrong about an end entity's certificate: its key must be for signatures, and for a purpose that is accepted.
 * @param purposes object identifiers of extended key usages
 */
export function leafProblem(leaf: Certificate, purposes: readonly string[]): string | undefined {
  if (!allows(leaf, DIGITAL_SIGNATURE)) {
    return "may not be used for digital signatures"; // RFC 5280 §4.2.1.3
  }
  const usage = find(leaf, ExtendedKeyUsageExtension);
  const accepted = [OID.anyExtendedKeyUsage, ...purposes];
  if (usage !== undefined && !usage.usages.some((purpose) => accepted.includes(String(purpose)))) {
    return "is for other purposes"; // RFC 5280 §4.2.1.12
  }
  return undefined;
}

/**
 * What is wrong about the certificate of an authority.
 * @param below the certificates below it, the end entity first
 */
export function authorityProblem(authority: Certificate, below: readonly Certificate[]): string | undefined {
  const constraints = find(authority, BasicConstraintsExtension);
  if (constraints?.ca !== true) {
    return "is not an authority's"; // RFC 5280 §6.1.4 (k)
  }
  if (!allows(authority, KEY_CERT_SIGN)) {
    return "may not be used to sign certificates"; // RFC 5280 §6.1.4 (n)
  }
  const { pathLength } = constraints;
  const intermediates = below.slice(1).filter((one) => !isSelfIssued(one)).length;
  if (pathLength !== undefined && !(pathLength >= intermediates)) {
    return `allows only ${pathLength} authorities below it`; // RFC 5280 §6.1.4 (m)
  }
  return undefined;
}
