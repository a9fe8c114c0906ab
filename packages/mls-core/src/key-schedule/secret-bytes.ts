import { isBytes, type Secret } from "@openmls-ts/traits";

/** A secret in its box, or the bytes of one that the caller looks after. */
export type SecretBytes = Secret | Uint8Array;

/** The live bytes of either form. */
export function exposed(secret: SecretBytes): Uint8Array {
  return isBytes(secret) ? secret : secret.expose();
}
