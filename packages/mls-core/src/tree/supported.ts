import { CIPHER_SUITES } from "@openmls-ts/traits";
import { CredentialType, ProtocolVersion } from "../registry.ts";
import { type Capabilities } from "../wire/index.ts";

/**
 * What this library can do for any application, so what a leaf lists unless told otherwise (RFC 9420 §7.2). Default
 * extension and proposal types are never listed.
 * @param cipherSuites the suites of the crypto provider; the leaf's own suite must be among them
 */
export function defaultCapabilities(
  cipherSuites: readonly number[] = CIPHER_SUITES.map(({ id }) => id),
): Capabilities {
  return {
    versions: [ProtocolVersion.mls10],
    cipherSuites,
    extensions: [],
    proposals: [],
    credentials: [CredentialType.basic, CredentialType.x509],
  };
}
