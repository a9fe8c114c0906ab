import {
  type CipherSuite,
  concatBytes,
  type HpkeSealed,
  isBytes,
  MlsError,
  type Signer,
  utf8,
} from "@openmls-ts/traits";
import { opaque, uint16, uint32, Writer } from "../codec/index.ts";

const PREFIX = "MLS 1.0 ";

/** A label, as text (taken as UTF-8) or as the bytes themselves. */
export type Label = string | Uint8Array;

function labelBytes(label: Label, prefix: string): Uint8Array {
  return concatBytes(utf8(prefix), typeof label === "string" ? utf8(label) : label);
}

// SignContent, EncryptContext and RefHashInput all have this shape (RFC 9420 §5.1.2, 5.1.3, 5.2):
//   struct {
//       opaque label<V>;
//       opaque content<V>;
//   }
function labelled(label: Label, content: Uint8Array, prefix = PREFIX): Uint8Array {
  const bytes = labelBytes(label, prefix);
  const writer = new Writer(opaque.size(bytes) + opaque.size(content));
  opaque.write(writer, bytes);
  opaque.write(writer, content);
  return writer.finish();
}

/**
 * SignWithLabel (RFC 9420 §5.1.2).
 * @throws MlsError `ERR_MLS_USAGE` when the signer fails or returns something else than bytes
 */
export async function signWithLabel(signer: Signer, label: Label, content: Uint8Array): Promise<Uint8Array> {
  let signature: unknown;
  try {
    signature = await signer.sign(labelled(label, content));
  } catch (cause) {
    throw new MlsError("ERR_MLS_USAGE", "the signer failed", { cause });
  }
  if (!isBytes(signature)) {
    throw new MlsError("ERR_MLS_USAGE", "the signer returned no bytes");
  }
  return new Uint8Array(signature);
}

/**
 * SignWithLabel, and a look at what came back: a signature that nobody accepts must not leave.
 * @throws MlsError `ERR_MLS_USAGE` when the signer fails, or its signature does not verify with its public key
 */
export async function signChecked(
  suite: CipherSuite,
  signer: Signer,
  label: Label,
  content: Uint8Array,
): Promise<Uint8Array> {
  const signature = await signWithLabel(signer, label, content);
  const fits = signature.length <= suite.params.signature.maxSignatureLength;
  if (!fits || !(await verifyWithLabel(suite, signer.publicKey, label, content, signature))) {
    const message =
      "the signer's signatures do not verify with its public key (for ECDSA they must be DER, not r and s)";
    throw new MlsError("ERR_MLS_USAGE", message);
  }
  return signature;
}

/** VerifyWithLabel (RFC 9420 §5.1.2); only a literal `true` of the provider counts. */
export async function verifyWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: Label,
  content: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const verified: unknown = await suite.verify(publicKey, labelled(label, content), signature);
  return verified === true;
}

/** An HPKE ciphertext with its encapsulated key (RFC 9420 §7.6). */
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const NOTHING = new Uint8Array();

/** EncryptWithLabel (RFC 9420 §5.1.3), prepared for many recipients of one label and context. */
export function encryptContext(
  suite: CipherSuite,
  label: Label,
  context: Uint8Array,
): (publicKey: Uint8Array, plaintext: Uint8Array) => Promise<HpkeSealed> {
  const prepared = suite.hpkeSealContext(labelled(label, context));
  return async (publicKey, plaintext) => prepared.seal(publicKey, NOTHING, plaintext);
}

/** DecryptWithLabel (RFC 9420 §5.1.3). @throws MlsError `ERR_MLS_DECRYPTION`, `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO` */
export async function decryptWithLabel(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: Label,
  context: Uint8Array,
  sealed: HpkeCiphertext,
): Promise<Uint8Array> {
  return suite.hpkeOpen(privateKey, sealed.kemOutput, labelled(label, context), NOTHING, sealed.ciphertext);
}

/** RefHash (RFC 9420 §5.2); the label is used as it is. */
export function refHash(suite: CipherSuite, label: Label, value: Uint8Array): Uint8Array {
  return suite.hash(labelled(label, value, ""));
}

/** MakeKeyPackageRef (RFC 9420 §5.2) of an encoded KeyPackage. */
export function makeKeyPackageRef(suite: CipherSuite, value: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", value);
}

/** MakeProposalRef (RFC 9420 §5.2) of an encoded AuthenticatedContent. */
export function makeProposalRef(suite: CipherSuite, value: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 Proposal Reference", value);
}

/** ExpandWithLabel (RFC 9420 §8). @param length in bytes, at most 65535 and 255·Nh */
export function expandWithLabel(
  suite: CipherSuite,
  secret: Uint8Array,
  label: Label,
  context: Uint8Array,
  length: number,
): Uint8Array {
  //   struct {
  //       uint16 length;
  //       opaque label<V>;
  //       opaque context<V>;
  //   } KDFLabel;
  const info = concatBytes(new Uint8Array(2), labelled(label, context));
  uint16.size(length);
  info[0] = length >>> 8;
  info[1] = length & 0xff;
  return suite.hkdfExpand(secret, info, length);
}

/** DeriveSecret (RFC 9420 §8); Nh bytes. */
export function deriveSecret(suite: CipherSuite, secret: Uint8Array, label: Label): Uint8Array {
  return expandWithLabel(suite, secret, label, NOTHING, suite.params.kdf.hashLength);
}

/** DeriveTreeSecret (RFC 9420 §9.1). @param generation 0 to 2^32 - 1 @param length in bytes */
export function deriveTreeSecret(
  suite: CipherSuite,
  secret: Uint8Array,
  label: Label,
  generation: number,
  length: number,
): Uint8Array {
  const context = new Writer(uint32.size(generation));
  context.uint32(generation);
  return expandWithLabel(suite, secret, label, context.finish(), length);
}
