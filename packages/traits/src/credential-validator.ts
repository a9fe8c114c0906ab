import type { Verdict } from "./verdict.ts";

/** Why a credential is put to the validator. */
export type CredentialPurpose =
  /** A member is about to be added, by us or by somebody else (Add). */
  | "add"
  /** A member replaces its leaf (Update, or the path of a commit). */
  | "update"
  /** A member of a group that we are about to join or follow. */
  | "join"
  /** A client joins by an external commit. */
  | "external-join"
  /** A sender outside the group, named in the external_senders extension. */
  | "external-sender";

/** A credential with everything the application needs to judge it (RFC 9420 §5.3); `identityOf` takes it too. */
export interface CredentialSubject {
  /** CredentialType: 1 basic, 2 x509, others as registered. */
  readonly credentialType: number;
  /** The identity of a basic credential; `undefined` for other types. */
  readonly identity: Uint8Array | undefined;
  /** DER certificates of an x509 credential, end entity first; `undefined` for other types. */
  readonly certificates: readonly Uint8Array[] | undefined;
  /** The whole Credential as encoded on the wire. */
  readonly encoded: Uint8Array;
  /** The key that the credential must vouch for. */
  readonly signaturePublicKey: Uint8Array;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly purpose: CredentialPurpose;
  /** Validity of the leaf in seconds since 1970, where it has one, for a policy about expiry (RFC 9420 §7.3). */
  readonly lifetime: { readonly notBefore: bigint; readonly notAfter: bigint } | undefined;
  /** The time of the judgement in seconds since 1970. */
  readonly now: bigint;
}

/**
 * The application's Authentication Service (RFC 9420 §5.3.1). Anything but a promise of `true` or `{ allowed: true }`, a
 * rejection included, refuses; the operation then fails with `ERR_MLS_CREDENTIAL_REJECTED`, whose `details` say whose
 * credential, for which purpose and with which reason, and changes nothing.
 */
export interface CredentialValidator {
  /** Whether the credential is genuine, belongs to the signature key, and is welcome here. */
  validate(subject: CredentialSubject): Promise<Verdict>;
  /**
   * {@link validate} for many at once, asked instead of it where there are several: a commit that adds fifty members, a
   * tree that is joined.
   * @returns one verdict for each subject, in their order; an answer of another length refuses all
   */
  validateAll?(subjects: readonly CredentialSubject[]): Promise<readonly Verdict[]>;
  /**
   * Whether `next` is a legitimate replacement of `current` for the same member (RFC 9420 §5.3.1). Without this
   * method only a credential with the identical encoding succeeds another.
   */
  isSuccessor?(current: CredentialSubject, next: CredentialSubject): Promise<Verdict>;
}
