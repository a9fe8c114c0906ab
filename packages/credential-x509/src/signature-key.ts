import {
  type CipherSuiteParams,
  cipherSuiteParams,
  concatBytes,
  equalBytes,
  hexToBytes,
} from "@openmls-ts/traits";
import type { Certificate } from "./certificate.ts";

/**
 * What stands in front of a public key in its SubjectPublicKeyInfo (RFC 8410 §4, RFC 5480 §2): algorithm and curve, and the
 * header of the BIT STRING, whose content is the key as in a leaf node (RFC 9420 §5.1.1).
 */
const HEADERS: Readonly<Record<string, string>> = {
  Ed25519: "302a300506032b6570032100",
  Ed448: "3043300506032b6571033a00",
  "ECDSA-P256": "3059301306072a8648ce3d020106082a8648ce3d030107034200",
  "ECDSA-P384": "3076301006072a8648ce3d020106052b81040022036200",
  "ECDSA-P521": "30819b301006072a8648ce3d020106052b8104002303818600",
};

/**
 * Whether a certificate is for a signature key of a cipher suite: the same curve and the same octets.
 * @param custom rows of suites beside those of RFC 9420
 */
export function isForKey(
  certificate: Certificate,
  signatureKey: Uint8Array,
  cipherSuite: number,
  custom: readonly CipherSuiteParams[],
): boolean {
  const row = cipherSuiteParams(cipherSuite) ?? custom.find(({ id }) => id === cipherSuite);
  const header = row === undefined ? undefined : HEADERS[row.signature.name];
  return (
    header !== undefined &&
    signatureKey.length === row?.signature.publicKeyLength &&
    equalBytes(certificate.publicKeyInfo, concatBytes(hexToBytes(header), signatureKey)) // RFC 9420 §5.3
  );
}
