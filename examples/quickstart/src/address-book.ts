import { bytesToHex, type CredentialSubject, type CredentialValidator } from "@openmls-ts/traits";

/**
 * Who has which signature key, as a server with accounts would know it, or people who compared keys when they met.
 * MLS leaves this to the application (RFC 9420 §5.3.1): a credential alone is a claim.
 */
export class AddressBook implements CredentialValidator {
  readonly #keys = new Map<string, string>();

  register(name: string, signatureKey: Uint8Array): void {
    this.#keys.set(name, bytesToHex(signatureKey));
  }

  async validate({ identity, signaturePublicKey }: CredentialSubject): Promise<boolean> {
    if (identity === undefined) {
      return false; // an x509 credential: nobody here has one
    }
    const expected = this.#keys.get(nameOf(identity));
    return expected !== undefined && expected === bytesToHex(signaturePublicKey);
  }
}

/** The identity of a basic credential as text. Whoever is registered has an identity of valid UTF-8. */
export function nameOf(identity: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: false }).decode(identity);
}
