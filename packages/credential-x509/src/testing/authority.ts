import "../x509.ts";
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

import { webcrypto } from "node:crypto";

// Certificates for tests. All times are seconds since 1970, and nothing here looks at a clock.

/** The time of the tests. */
export const NOW = 1_800_000_000n;

/** From when to when certificates are valid that say nothing else. */
export const VALID = { notBefore: 1_799_000_000, notAfter: 1_801_000_000 } as const;

type KeyUsage = ConstructorParameters<typeof KeyUsagesExtension>[0];

/** What a key is for. */
export const USAGE: Readonly<Record<"digitalSignature" | "keyEncipherment" | "keyCertSign", KeyUsage>> = {
  digitalSignature: KeyUsageFlags.digitalSignature,
  keyEncipherment: KeyUsageFlags.keyEncipherment,
  keyCertSign: KeyUsageFlags.keyCertSign,
};

/** A kind of key. */
export type KeyKind = "Ed25519" | "Ed448" | "P-256" | "P-384" | "P-521" | "RSA";

/** A Web Crypto algorithm. */
interface KeyAlgorithm {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
  readonly publicExponent?: Uint8Array<ArrayBuffer>;
  readonly modulusLength?: number;
}

/** Algorithms of keys, with the hash that they sign certificates with. */
export const ALGORITHMS: Readonly<Record<KeyKind, KeyAlgorithm>> = {
  Ed25519: { name: "Ed25519" },
  Ed448: { name: "Ed448" },
  "P-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  "P-521": { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  RSA: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: 2048,
  },
};

/** Somebody with a key pair, and the name that stands in certificates. */
export interface Party {
  readonly name: string;
  readonly kind: KeyKind;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** A party with fresh keys. */
export async function party(name: string, kind: KeyKind = "P-256"): Promise<Party> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  return { name: `CN=${name}`, kind, keys };
}

/** What is unusual about a certificate. */
export interface CertificateChoice {
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Instead of all others. */
  readonly extensions?: readonly Extension[];
  readonly more?: readonly Extension[];
  readonly subject?: string;
  readonly issuer?: string;
  readonly hash?: string;
}

/** Extensions of an authority. */
export function authorityExtensions(pathLength?: number, usage: KeyUsage = USAGE.keyCertSign): Extension[] {
  return [new BasicConstraintsExtension(true, pathLength, true), new KeyUsagesExtension(usage, true)];
}

/** Extensions of a member whose identity is an e-mail address. */
export function memberExtensions(email: string, usage: KeyUsage = USAGE.digitalSignature): Extension[] {
  return [
    new KeyUsagesExtension(usage, true),
    new SubjectAlternativeNameExtension([{ type: "email", value: email }]),
  ];
}

/** A certificate for one party by another, as DER. */
export async function certify(
  issuer: Party,
  subject: Pick<Party, "name"> & { readonly keys: { readonly publicKey: webcrypto.CryptoKey } },
  choice: CertificateChoice = {},
): Promise<Uint8Array> {
  const { hash } = choice;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: "01",
      issuer: choice.issuer ?? issuer.name,
      subject: choice.subject ?? subject.name,
      notBefore: new Date((choice.notBefore ?? VALID.notBefore) * 1000),
      notAfter: new Date((choice.notAfter ?? VALID.notAfter) * 1000),
      publicKey: subject.keys.publicKey as never, // the types of Node.js and of the DOM differ
      signingKey: issuer.keys.privateKey as never,
      signingAlgorithm: { ...ALGORITHMS[issuer.kind], ...(hash === undefined ? {} : { hash }) },
      extensions: [...(choice.extensions ?? []), ...(choice.more ?? [])],
    },
    webcrypto as never,
  );
  return new Uint8Array(certificate.rawData);
}

/** A self-signed certificate of an authority. */
export async function rootOf(authority: Party, choice: CertificateChoice = {}): Promise<Uint8Array> {
  return certify(authority, authority, { extensions: authorityExtensions(), ...choice });
}

/** The public key as it stands in a leaf node: raw (EdDSA), uncompressed point (ECDSA). */
export async function rawKey({ keys }: Pick<Party, "keys">): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.exportKey("raw", keys.publicKey));
}
