import { runInNewContext } from "node:vm";
import type { CryptoProvider } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";
import { check, checkBytes } from "../case.ts";

const ForeignBytes = runInNewContext("Uint8Array") as typeof Uint8Array;

/** The same octets in an array of another realm, as from a frame, jsdom or `node:vm`. */
export function foreign(bytes: Uint8Array): Uint8Array {
  return new ForeignBytes(bytes);
}

/** Whether all suites of a provider take bytes of another realm for what they are. */
export async function checkForeignBytes(provider: CryptoProvider): Promise<void> {
  const input = utf8("input");
  const other = foreign(input);
  check(!(other instanceof Uint8Array), "the bytes are of another realm");
  for (const id of await provider.supportedCipherSuites()) {
    const suite = await provider.cipherSuite(id);
    const { keyLength, nonceLength } = suite.params.aead;
    const [key, nonce] = [new Uint8Array(keyLength).fill(1), new Uint8Array(nonceLength)];
    checkBytes(suite.hash(other), suite.hash(input), `hash of suite ${id}`);
    checkBytes(suite.hmac(other, other), suite.hmac(input, input), `hmac of suite ${id}`);
    checkBytes(
      suite.hkdfExtract(other, other),
      suite.hkdfExtract(input, input),
      `hkdfExtract of suite ${id}`,
    );
    checkBytes(
      suite.hkdfExpand(other, other, 99),
      suite.hkdfExpand(input, input, 99),
      `hkdfExpand of suite ${id}`,
    );
    const ciphertext = await suite.aeadSeal(foreign(key), foreign(nonce), other, other);
    checkBytes(ciphertext, await suite.aeadSeal(key, nonce, input, input), `aeadSeal of suite ${id}`);
    const plaintext = await suite.aeadOpen(foreign(key), foreign(nonce), other, foreign(ciphertext));
    checkBytes(plaintext, input, `aeadOpen of suite ${id}`);

    const keys = await suite.deriveKeyPair(other);
    checkBytes(keys.publicKey, (await suite.deriveKeyPair(input)).publicKey, `deriveKeyPair of suite ${id}`);
    check(await suite.isValidHpkePublicKey(foreign(keys.publicKey)), `isValidHpkePublicKey of suite ${id}`);
    const sealed = await suite.hpkeSealContext(other).seal(foreign(keys.publicKey), other, other);
    const [privateKey, kemOutput] = [foreign(keys.privateKey), foreign(sealed.kemOutput)];
    const opened = await suite.hpkeOpen(privateKey, kemOutput, other, other, foreign(sealed.ciphertext));
    checkBytes(opened, input, `hpkeOpen of suite ${id}`);

    const signer = await suite.generateSignatureKeys();
    const signature = await suite.sign(foreign(signer.privateKey), other);
    const verified = await suite.verify(foreign(signer.publicKey), other, foreign(signature));
    check(verified, `verify of suite ${id}`);
    const publicKey = await suite.signaturePublicKey(foreign(signer.privateKey));
    checkBytes(publicKey, signer.publicKey, `signaturePublicKey of suite ${id}`);
  }
}
