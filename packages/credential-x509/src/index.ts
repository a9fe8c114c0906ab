/**
 * X.509 credentials (RFC 9420 §5.3): {@link x509Validator} judges them, {@link x509Credentials} announces them.
 * @module
 */
export { byCredentialType } from "./by-credential-type.ts";
export { x509Credentials } from "./feature.ts";
export { x509IdentityOf, type X509IdentitySource } from "./identity.ts";
export type { X509Options } from "./options.ts";
export type { WebCryptoLike } from "./signature.ts";
export { x509Validator } from "./x509-validator.ts";
