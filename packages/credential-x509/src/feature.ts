import type { Feature } from "@openmls-ts/mls-core";

/**
 * Lists X.509 among the credential types of this client's capabilities (RFC 9420 §7.2), which a leaf with such a credential
 * needs, and everybody who is in a group with one.
 */
export function x509Credentials(): Feature {
  return { name: "x509", objects: { capabilities: { credentials: [2] } } }; // RFC 9420 §17.5
}
