import { isBytes } from "./bytes.ts";

/** A credential (RFC 9420 §5.3), as far as rules and validators need it. */
export interface CredentialFacts {
  /** CredentialType: 1 basic, 2 x509, others as registered. */
  readonly credentialType: number;
  /** Of a basic credential. */
  readonly identity?: Uint8Array | undefined;
  /** Of an x509 credential: DER certificates, end entity first. */
  readonly certificates?: readonly Uint8Array[] | undefined;
}

/** What has a credential: leaves and members, facts of commits, subjects of validation, or the credential itself. */
export type CredentialBearer =
  | CredentialFacts
  | { readonly credential: CredentialFacts }
  | { readonly leafNode: { readonly credential: CredentialFacts } };

/** The identity in a basic credential; `undefined` where the credential is of another type. */
export function identityOf(bearer: CredentialBearer): Uint8Array | undefined {
  const holder = "leafNode" in bearer ? bearer.leafNode : bearer;
  const { credentialType, identity } = "credential" in holder ? holder.credential : holder;
  return credentialType === 1 && isBytes(identity) ? identity : undefined; // RFC 9420 §17.5
}
