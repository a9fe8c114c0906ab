import { concatBytes } from "@openmls-ts/traits";
import type { MlKemKey, XWingBackend } from "./backend.ts";

// X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519 together.

const ML_KEM_PUBLIC_KEY = 1184;
const ML_KEM_CIPHERTEXT = 1088;
const LABEL: Uint8Array = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** A decapsulation key. */
export interface XWingKey {
  /** 1216 bytes. */
  readonly publicKey: Uint8Array;
  readonly mlKem: MlKemKey;
  readonly x25519: Uint8Array;
}

/** GenerateKeyPairDerand. @param seed the decapsulation key: 32 bytes */
export async function xWingKey(backend: XWingBackend, seed: Uint8Array): Promise<XWingKey> {
  const expanded = backend.shake256(seed, 96);
  const mlKem = await backend.mlKemKey(expanded.slice(0, 64));
  const x25519 = expanded.slice(64);
  const publicKey = concatBytes(mlKem.publicKey, await backend.x25519.publicKey(x25519));
  return { publicKey, mlKem, x25519 };
}

/** A ciphertext of 1120 bytes and the shared secret of 32. */
export interface XWingEncapsulated {
  readonly ciphertext: Uint8Array;
  readonly secret: Uint8Array;
}

/** EncapsulateDerand. @param seed 64 bytes */
export async function xWingEncapsulate(
  backend: XWingBackend,
  publicKey: Uint8Array,
  seed: Uint8Array,
): Promise<XWingEncapsulated> {
  const recipient = publicKey.slice(ML_KEM_PUBLIC_KEY);
  const ephemeral = seed.slice(32);
  const mlKem = await backend.mlKemEncapsulate(publicKey.slice(0, ML_KEM_PUBLIC_KEY), seed.slice(0, 32));
  const x25519Ciphertext = await backend.x25519.publicKey(ephemeral);
  const { secret: shared } = await backend.x25519.agree(ephemeral, recipient);
  return {
    ciphertext: concatBytes(mlKem.ciphertext, x25519Ciphertext),
    secret: combine(backend, mlKem.secret, shared, x25519Ciphertext, recipient),
  };
}

/** Decapsulate. @param ciphertext 1120 bytes */
export async function xWingDecapsulate(
  backend: XWingBackend,
  key: XWingKey,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  const x25519Ciphertext = ciphertext.slice(ML_KEM_CIPHERTEXT);
  const mlKemSecret = await key.mlKem.decapsulate(ciphertext.slice(0, ML_KEM_CIPHERTEXT));
  const { secret: shared } = await backend.x25519.agree(key.x25519, x25519Ciphertext);
  return combine(backend, mlKemSecret, shared, x25519Ciphertext, key.publicKey.slice(ML_KEM_PUBLIC_KEY));
}

function combine(
  backend: XWingBackend,
  mlKemSecret: Uint8Array,
  shared: Uint8Array,
  x25519Ciphertext: Uint8Array,
  x25519PublicKey: Uint8Array,
): Uint8Array {
  return backend.sha3(concatBytes(mlKemSecret, shared, x25519Ciphertext, x25519PublicKey, LABEL));
}
