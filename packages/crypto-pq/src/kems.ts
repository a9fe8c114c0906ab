import type { Encapsulated, Kem, SuiteTools } from "@openmls-ts/hpke";
import { type HpkeKeyPair, type KemParams, MlsError, wipe } from "@openmls-ts/traits";
import type { MlKem, MlKemLevel, PostQuantumEngine } from "./engine.ts";
import { isEncapsulationKey } from "./encapsulation-key.ts";
import { derivePrivateKey, type PqDerivation } from "./derive-private-key.ts";

/** What a KEM does with the one form of private key that is stored; made when it is first used. */
export interface SeedKem {
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
  /** @throws Error for a public key that is none */
  encapsulate(publicKey: Uint8Array): Promise<Encapsulated>;
  /** @throws Error for an encapsulated key that cannot be one */
  decapsulate(kemOutput: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
  isPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

/** A KEM as HPKE uses it, over private keys that are seeds. */
export function hpkeKem(
  { id, privateKeyLength }: KemParams,
  derivation: PqDerivation,
  make: () => Promise<SeedKem>,
): Kem {
  let made: Promise<SeedKem> | undefined;
  const kem = async (): Promise<SeedKem> => (made ??= make());
  return {
    deriveKeyPair: async (inputKeyMaterial): Promise<HpkeKeyPair> => {
      const privateKey = derivePrivateKey(derivation, id, inputKeyMaterial, privateKeyLength);
      return { privateKey, publicKey: await (await kem()).publicKey(privateKey) };
    },
    encap: async (publicKey) => {
      const own = new Uint8Array(publicKey); // the caller may change its own meanwhile
      if (!(await (await kem()).isPublicKey(own))) {
        throw new MlsError("ERR_MLS_INVALID_KEY", "not an encapsulation key"); // FIPS 203 §7.2
      }
      return typed("encapsulation", async () => (await kem()).encapsulate(own));
    },
    decap: async (kemOutput, privateKey) => {
      const [own, seed] = [new Uint8Array(kemOutput), new Uint8Array(privateKey)];
      try {
        return await typed("decapsulation", async () => (await kem()).decapsulate(own, seed));
      } finally {
        wipe(seed);
      }
    },
    isValidPublicKey: async (publicKey) => (await kem()).isPublicKey(publicKey),
  };
}

async function typed<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new MlsError("ERR_MLS_CRYPTO", `${what} failed`, { cause });
  }
}

/** ML-KEM alone (FIPS 203). */
export async function pureKem(engine: PostQuantumEngine, level: MlKemLevel): Promise<SeedKem> {
  const kem: MlKem = await engine.mlKem(level);
  return {
    publicKey: async (seed) => kem.publicKey(seed),
    encapsulate: async (publicKey) => {
      const { sharedSecret, ciphertext } = await kem.encapsulate(publicKey);
      return { sharedSecret, kemOutput: ciphertext };
    },
    decapsulate: async (kemOutput, seed) => kem.decapsulate(kemOutput, seed),
    isPublicKey: async (publicKey) => isEncapsulationKey(level, publicKey),
  };
}

/** What makes a KEM for a backend. */
export type KemMaker = (
  engine: PostQuantumEngine,
  tools: Pick<SuiteTools, "group" | "randomBytes">,
) => Promise<SeedKem>;
