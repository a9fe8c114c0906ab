import type { CredentialSubject } from "@openmls-ts/traits";
import {
  authorityExtensions,
  certify,
  type CertificateChoice,
  memberExtensions,
  NOW,
  type Party,
  party,
  rawKey,
  rootOf,
} from "./authority.ts";

/** The suite of each kind of key. */
const SUITES: Readonly<Record<string, number>> = { Ed25519: 1, "P-256": 2, Ed448: 4, "P-521": 5, "P-384": 7 };

/** What is put to a validator for a chain and the key in the leaf. */
export async function subjectFor(
  who: Party,
  certificates: readonly Uint8Array[],
  overrides: Partial<CredentialSubject> = {},
): Promise<CredentialSubject> {
  return {
    credentialType: 2,
    identity: undefined,
    certificates,
    encoded: new Uint8Array(),
    signaturePublicKey: await rawKey(who),
    cipherSuite: SUITES[who.kind]!,
    groupId: Uint8Array.of(1),
    purpose: "add",
    lifetime: undefined,
    now: NOW,
    ...overrides,
  };
}

/** A root, an authority below it, and Ann, whom that certifies. */
export interface Chain {
  readonly root: Party;
  readonly rootCertificate: Uint8Array;
  readonly middle: Party;
  readonly middleCertificate: Uint8Array;
  readonly ann: Party;
  readonly annCertificate: Uint8Array;
}

/** What is unusual about the certificates of a {@link Chain}. */
export interface ChainChoice {
  readonly root?: CertificateChoice;
  readonly middle?: CertificateChoice;
  readonly ann?: CertificateChoice;
}

/** A chain with whatever is unusual about it, and all the rest right. */
export async function chainOf(choice: ChainChoice = {}): Promise<Chain> {
  const [root, middle, ann] = [await party("Root"), await party("Middle"), await party("Ann")];
  const extensions = authorityExtensions();
  return {
    root,
    rootCertificate: await rootOf(root, choice.root),
    middle,
    middleCertificate: await certify(root, middle, { extensions, ...choice.middle }),
    ann,
    annCertificate: await certify(middle, ann, {
      extensions: memberExtensions("ann@example.org"),
      ...choice.ann,
    }),
  };
}
