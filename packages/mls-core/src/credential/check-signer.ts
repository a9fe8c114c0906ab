import { equalBytes, MlsError, type Signer } from "@openmls-ts/traits";

/** Refuses a signer that holds another key than the credential names. @throws MlsError `ERR_MLS_USAGE` */
export function checkSigner(signer: Signer, signatureKey: Uint8Array): void {
  if (!equalBytes(signer.publicKey, signatureKey)) {
    throw new MlsError("ERR_MLS_USAGE", "the signer's public key is not the leaf's signature key");
  }
}
