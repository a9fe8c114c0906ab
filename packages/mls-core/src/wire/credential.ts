import {
  type Codec,
  encode,
  malformed,
  opaque,
  type Reader,
  struct,
  uint16,
  vector,
  type Writer,
} from "../codec/index.ts";
import { CredentialType } from "../registry.ts";

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

/** A credential as it stands in leaves and in the external_senders extension. */
export type Credential = BasicCredential | X509Credential;

/** A basic credential for an identity. */
export function basicCredential(identity: Uint8Array): BasicCredential {
  return { credentialType: CredentialType.basic, identity: new Uint8Array(identity) };
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
const basicBody = struct<{ identity: Uint8Array }>({ identity: opaque });
const x509Body = struct<{ certificates: readonly Uint8Array[] }>({ certificates: vector(opaque) });

/** RFC 9420 §5.3. A type other than basic and x509 cannot be delimited, so it is a decoding error. */
export const credential: Codec<Credential> = {
  size: (value) =>
    2 + (value.credentialType === CredentialType.basic ? basicBody.size(value) : x509Body.size(value)),
  write: (writer: Writer, value) => {
    uint16.write(writer, value.credentialType);
    if (value.credentialType === CredentialType.basic) {
      basicBody.write(writer, value);
    } else {
      x509Body.write(writer, value);
    }
  },
  read: (reader: Reader) => {
    const credentialType = uint16.read(reader);
    if (credentialType === CredentialType.basic) {
      return { credentialType, ...basicBody.read(reader) };
    }
    if (credentialType === CredentialType.x509) {
      return { credentialType, ...x509Body.read(reader) };
    }
    throw malformed(`unknown credential type ${credentialType}`);
  },
};

/** A credential and the signature key that it vouches for. */
export interface CredentialWithKey {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** The wire form, for comparison and for the validator. */
export function encodeCredential(value: Credential): Uint8Array {
  return encode(credential, value);
}
