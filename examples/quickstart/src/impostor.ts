import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { basicCredential, KeyPackage } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import type { World } from "./person.ts";

/** A flawless key package of somebody with keys of their own and another's name. */
export async function impostorKeyPackage(
  { crypto, suite, addressBook }: World,
  name: string,
): Promise<Uint8Array> {
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
  const provider = { crypto, storage: memoryStorage(), credentialValidator: addressBook };
  const credentialWithKey = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const keyPackage = await KeyPackage.builder().build(suite, provider, signer, credentialWithKey);
  return keyPackage.toMessage();
}
