import {
  type Codec,
  type Credential,
  decode,
  encode,
  opaque,
  struct,
  uint16,
  vector,
} from "@openmls-ts/mls-core";
import {
  bytesArgument,
  type CipherSuite,
  concatBytes,
  MlsError,
  type Signer,
  signerArgument,
  utf8,
} from "@openmls-ts/traits";

/** One of the credentials of a client, bound to the key in its leaf. */
export interface CredentialBinding {
  /** Of the key that goes with the credential; not necessarily the group's. */
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly credentialKey: Uint8Array;
  readonly signature: Uint8Array;
}

const certificates = vector(opaque);
const nested: Codec<Credential> = {
  size: (value) => 2 + bodySize(value),
  write: (writer, value) => {
    uint16.write(writer, value.credentialType);
    if ("certificates" in value) {
      certificates.write(writer, value.certificates);
    } else {
      opaque.write(writer, "identity" in value ? value.identity : value.content);
    }
  },
  read: (reader) => {
    const credentialType = uint16.read(reader);
    if (credentialType === 1) return { credentialType, identity: opaque.read(reader) };
    if (credentialType === 2) return { credentialType, certificates: certificates.read(reader) };
    return { credentialType, content: opaque.read(reader) };
  },
};

function bodySize(value: Credential): number {
  if ("certificates" in value) return certificates.size(value.certificates);
  return opaque.size("identity" in value ? value.identity : value.content);
}

//   struct {
//     CipherSuite cipher_suite;
//     Credential credential;
//     SignaturePublicKey credential_key;
//     opaque signature<V>;
//   } CredentialBinding;
const binding = struct<CredentialBinding>({
  cipherSuite: uint16,
  credential: nested,
  credentialKey: opaque,
  signature: opaque,
});

//   struct {
//     CipherSuite cipher_suite;
//     Credential credential;
//     SignaturePublicKey credential_key;
//     SignaturePublicKey signature_key;
//   } CredentialBindingTBS;
const tbs = struct<Omit<CredentialBinding, "signature"> & { readonly signatureKey: Uint8Array }>({
  cipherSuite: uint16,
  credential: nested,
  credentialKey: opaque,
  signatureKey: opaque,
});

/** A credential of a binding as it is encoded by itself. */
export function encodeNested(credential: Credential): Uint8Array {
  return encode(nested, credential);
}

//   struct {
//     CredentialBinding bindings<V>;
//   } MultiCredential;
/** Bindings as the content of a credential, whose length stands outside. */
export function encodeBindings(bindings: readonly CredentialBinding[]): Uint8Array {
  return concatBytes(...bindings.map((one) => encode(binding, one)));
}

/** @throws MlsError `ERR_MLS_DECODE`; rule xt01 for none */
export function decodeBindings(content: Uint8Array): readonly CredentialBinding[] {
  const bindings = decode(vector(binding), encode(opaque, content));
  if (bindings.length === 0) {
    throw new MlsError("ERR_MLS_DECODE", "a multi-credential of nothing", { rule: "xt01" });
  }
  return bindings;
}

interface Signed {
  readonly label: Uint8Array;
  readonly content: Uint8Array;
}
const signed = struct<Signed>({ label: opaque, content: opaque });

/** What is signed: SignWithLabel(., "CredentialBindingTBS", CredentialBindingTBS) (RFC 9420 §5.1.2). */
function toBeSigned(made: Omit<CredentialBinding, "signature">, signatureKey: Uint8Array): Uint8Array {
  const { cipherSuite, credential, credentialKey } = made;
  const content = encode(tbs, { cipherSuite, credential, credentialKey, signatureKey });
  return encode(signed, { label: utf8("MLS 1.0 CredentialBindingTBS"), content });
}

/**
 * Binds a credential to the key that a client has in its leaves: the credential's own key signs.
 * @param suite of the credential's key @param signatureKey the key in the leaf
 * @throws MlsError `ERR_MLS_USAGE` for a signer whose signature does not verify
 */
export async function bindCredential(
  suite: CipherSuite,
  credential: Credential,
  signer: Signer,
  signatureKey: Uint8Array,
): Promise<CredentialBinding> {
  const credentialKey = new Uint8Array(signerArgument(signer).publicKey);
  const made = { cipherSuite: suite.id, credential, credentialKey };
  const key = bytesArgument("signatureKey", signatureKey);
  const bound = { ...made, signature: await signer.sign(toBeSigned(made, key)) };
  if (!(await verifyBinding(suite, bound, key))) {
    throw new MlsError("ERR_MLS_USAGE", "the signer's signature does not verify with its public key");
  }
  return bound;
}

/** Whether the holder of a binding's credential says that a leaf's key is its own. */
export async function verifyBinding(
  suite: CipherSuite,
  made: CredentialBinding,
  signatureKey: Uint8Array,
): Promise<boolean> {
  const verified: unknown = await suite.verify(
    made.credentialKey,
    toBeSigned(made, signatureKey),
    made.signature,
  );
  return verified === true;
}
