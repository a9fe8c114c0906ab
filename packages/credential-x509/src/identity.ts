import { SubjectAlternativeNameExtension } from "./x509.ts";
import { choiceArgument, type CredentialBearer } from "@openmls-ts/traits";
import { type Certificate, readCertificate } from "./certificate.ts";

/** Where in a certificate its owner's identity stands: a kind of subjectAltName, or the subject's common name. */
export type X509IdentitySource = "uri" | "email" | "dns" | "commonName";

/** All of {@link X509IdentitySource}. */
export const IDENTITY_SOURCES: readonly X509IdentitySource[] = ["uri", "email", "dns", "commonName"];

/** What @peculiar/x509 calls them. */
const KINDS = { uri: "url", email: "email", dns: "dns" } as const;

/**
 * The only identity of the kind; `undefined` where there is none, or one that is empty or unprintable, or several.
 * @internal because the declarations of a certificate need the DOM library
 */
export function identityIn(certificate: Certificate, source: X509IdentitySource): string | undefined {
  const found =
    source === "commonName"
      ? certificate.parsed.subjectName.getField("CN")
      : certificate.extensions
          .filter((one) => one instanceof SubjectAlternativeNameExtension)
          .flatMap(({ names }) => names.items)
          .filter(({ type }) => type === KINDS[source])
          .map(({ value }) => value);
  const [identity] = found;
  return found.length === 1 && identity !== undefined && isPrintable(identity) ? identity : undefined;
}

/** No control characters: a name that ends early in one program's eyes is another name there. */
function isPrintable(text: string): boolean {
  return text !== "" && !/\p{Cc}/u.test(text);
}

/**
 * The identity in the end entity's certificate of an x509 credential, as text. It says nothing about whether the credential
 * is genuine: members' credentials were judged when they came in.
 * @param bearer a member, leaf, subject of validation, or credential
 * @returns `undefined` for another credential type, a certificate that cannot be read, or one that has none or several
 * @throws MlsError `ERR_MLS_USAGE` for an unknown source
 */
export function x509IdentityOf(bearer: CredentialBearer, source: X509IdentitySource): string | undefined {
  const kind = choiceArgument("source", source, IDENTITY_SOURCES);
  const holder = "leafNode" in bearer ? bearer.leafNode : bearer;
  const { credentialType, certificates } = "credential" in holder ? holder.credential : holder;
  const [leaf] = certificates ?? [];
  if (credentialType !== 2 || leaf === undefined) {
    return undefined; // RFC 9420 §17.5
  }
  try {
    return identityIn(readCertificate(leaf), kind);
  } catch {
    return undefined;
  }
}
