import { equalBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import type { SuitePrimitives } from "./primitives.ts";

function demand(condition: boolean, what: string): void {
  if (!condition) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", `${what} gives wrong results`);
  }
}

/**
 * Tries each primitive of a suite.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`, or whatever a primitive throws that does not work here
 */
export async function probe(primitives: SuitePrimitives): Promise<void> {
  await tryAead(primitives);
  await tryKem(primitives);
  await trySignature(primitives);
}

async function tryAead({ aead, params }: SuitePrimitives): Promise<void> {
  const { keyLength, nonceLength, tagLength, name } = params.aead;
  const message = utf8("probe");
  const key = new Uint8Array(keyLength);
  const nonce = new Uint8Array(nonceLength);
  const sealed = await aead.seal(key, nonce, key, message);
  demand(sealed.length === message.length + tagLength, name);
  demand(equalBytes(await aead.open(key, nonce, key, sealed), message), name);
}

async function tryKem(primitives: SuitePrimitives): Promise<void> {
  const { kem, params } = primitives;
  const { name, curve, sharedSecretLength, encapsulatedLength, privateKeyLength, publicKeyLength } =
    params.kem;
  const seed = primitives.randomBytes(privateKeyLength);
  const { privateKey, publicKey } = await kem.deriveKeyPair(seed);
  demand(privateKey.length === privateKeyLength && publicKey.length === publicKeyLength, name);
  demand(await kem.isValidPublicKey(publicKey), name);
  const { sharedSecret, kemOutput } = await kem.encap(publicKey);
  demand(sharedSecret.length === sharedSecretLength && kemOutput.length === encapsulatedLength, name);
  demand(equalBytes(await kem.decap(kemOutput, privateKey), sharedSecret), name);
  if (curve?.startsWith("P-") === true) {
    // Another y to the same x: a runtime that takes it would leak private keys to whoever sends such points.
    const other = new Uint8Array(publicKey);
    other[publicKeyLength - 1]! ^= 1;
    demand(!(await kem.isValidPublicKey(other)), name);
  }
  wipe(seed, privateKey, sharedSecret);
}

async function trySignature({ signature: scheme, params }: SuitePrimitives): Promise<void> {
  const { name, publicKeyLength, privateKeyLength, maxSignatureLength } = params.signature;
  const message = utf8("probe");
  const { privateKey, publicKey } = await scheme.generateKeys();
  demand(privateKey.length === privateKeyLength && publicKey.length === publicKeyLength, name);
  const signature = await scheme.sign(privateKey, message);
  demand(signature.length <= maxSignatureLength, name);
  demand(equalBytes(await scheme.publicKey(privateKey), publicKey), name);
  demand(await scheme.verify(publicKey, message, signature), name);
  demand(!(await scheme.verify(publicKey, utf8("other"), signature)), name);
  wipe(privateKey);
}
