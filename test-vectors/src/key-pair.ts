import type { CipherSuite } from "@openmls-ts/traits";
import { sameBytes } from "./check.ts";

const NOTHING = new Uint8Array();
const TEXT = Uint8Array.of(1, 2, 3);

/** That a KEM private key belongs to a public key: what is sealed to one opens with the other. */
export async function matchingHpkeKeys(
  what: string,
  suite: CipherSuite,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<void> {
  const { kemOutput, ciphertext } = await suite.hpkeSealContext(NOTHING).seal(publicKey, NOTHING, TEXT);
  const opened = await suite.hpkeOpen(privateKey, kemOutput, NOTHING, NOTHING, ciphertext);
  sameBytes(`${what}: private key of the public key`, opened, TEXT);
}

/** That a signature private key belongs to a public key. */
export async function matchingSignatureKeys(
  what: string,
  suite: CipherSuite,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<void> {
  sameBytes(`${what}: public key of the private key`, await suite.signaturePublicKey(privateKey), publicKey);
}
