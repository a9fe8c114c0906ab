import { isBytes, listArgument, MlsError, violation } from "@openmls-ts/traits";
import { type Codec, encode, opaque, select, struct, uint16, vector } from "../codec/index.ts";
import { CredentialType, isGrease } from "../registry.ts";

/** A bare assertion of an identity (RFC 9420 §5.3). */
export interface BasicCredential {
  readonly credentialType: typeof CredentialType.basic;
  readonly identity: Uint8Array;
}

/** A certificate chain, end entity first (RFC 9420 §5.3). */
export interface X509Credential {
  readonly credentialType: typeof CredentialType.x509;
  /** DER certificates. */
  readonly certificates: readonly Uint8Array[];
}

/** A credential of another type, which only the application can read. */
export interface OtherCredential {
  /** Neither basic nor x509. */
  readonly credentialType: number;
  /** What is inside of the `opaque<V>` that follows the type. */
  readonly content: Uint8Array;
}

/** A credential as it stands in leaves and in the external_senders extension. Tell them apart by `in`. */
export type Credential = BasicCredential | X509Credential | OtherCredential;

/** A basic credential for an identity. @throws MlsError `ERR_MLS_USAGE` for what is no `Uint8Array` */
export function basicCredential(identity: Uint8Array): BasicCredential {
  return { credentialType: CredentialType.basic, identity: owned("identity", identity) };
}

/**
 * An X.509 credential for a certificate chain (RFC 9420 §5.3). It is not looked into here: that is the validator's.
 * @param certificates DER, the end entity's first, whose key is the leaf's signature key
 * @throws MlsError `ERR_MLS_USAGE` for what is no list of `Uint8Array`, and an empty one
 */
export function x509Credential(certificates: readonly Uint8Array[]): X509Credential {
  const chain = listArgument("certificates", certificates).map((der) => owned("certificate", der));
  if (chain.length === 0) {
    throw new MlsError("ERR_MLS_USAGE", "an X.509 credential has at least the certificate of its owner");
  }
  return { credentialType: CredentialType.x509, certificates: chain };
}

/**
 * A credential of a type that this library does not know (RFC 9420 §5.3, 17.5).
 * @param type 0 to 65535, not basic or x509
 * @param content what stands inside of the `opaque<V>` after the type
 * @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_VALIDATION` rule rfc117 for a GREASE value
 */
export function customCredential(type: number, content: Uint8Array): OtherCredential {
  if (!(type >= 0 && type <= 0xffff) || type === CredentialType.basic || type === CredentialType.x509) {
    throw new MlsError("ERR_MLS_USAGE", "a custom credential has a type from 0 to 65535 other than 1 and 2");
  }
  if (isGrease(type)) {
    throw violation("rfc117", "GREASE is no credential type"); // RFC 9420 §13.5
  }
  return { credentialType: type, content: owned("content", content) };
}

function owned(name: string, value: Uint8Array): Uint8Array {
  if (!isBytes(value)) {
    throw new MlsError("ERR_MLS_USAGE", `${name} is not a Uint8Array`);
  }
  return new Uint8Array(value);
}

//   struct {
//       opaque cert_data<V>;
//   } Certificate;
//
//   struct {
//       CredentialType credential_type;
//       select (Credential.credential_type) {
//           case basic: opaque identity<V>;
//           case x509:  Certificate certificates<V>;
//       };
//   } Credential;
// All other types that are registered or drafted begin with the length of what follows, so that they can be passed on
// by those who cannot read them. One that did not would be refused, or be taken for another that is signed as well.
const other: Codec<object> = struct<{ readonly content: Uint8Array }>({ content: opaque });

/** RFC 9420 §5.3 */
export const credential: Codec<Credential> = select<BasicCredential | X509Credential, "credentialType">(
  "credentialType",
  uint16 as Codec<CredentialType>,
  {
    [CredentialType.basic]: struct<{ readonly identity: Uint8Array }>({ identity: opaque }),
    [CredentialType.x509]: struct<{ readonly certificates: readonly Uint8Array[] }>({
      certificates: vector(opaque),
    }),
  },
  other,
);

/** A credential and the signature key that it vouches for. */
export interface CredentialWithKey {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** The wire form, for comparison and for the validator. */
export function encodeCredential(value: Credential): Uint8Array {
  return encode(credential, value);
}
