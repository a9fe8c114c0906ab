import type { SignatureScheme, SuiteTools } from "@openmls-ts/hpke";
import { MlsError, wipe } from "@openmls-ts/traits";
import type { MlDsa, MlDsaLevel, PostQuantumEngine } from "./engine.ts";

const SEED = 32;

/** ML-DSA as a signature scheme of MLS: pure, with an empty context (FIPS 204 §5.2). */
export function mlDsaScheme(
  engine: PostQuantumEngine,
  level: MlDsaLevel,
  tools: Pick<SuiteTools, "randomBytes">,
): SignatureScheme {
  let made: Promise<MlDsa> | undefined;
  const dsa = async (): Promise<MlDsa> => (made ??= engine.mlDsa(level));
  const withSeed = async <T>(seed: Uint8Array, operation: (seed: Uint8Array) => Promise<T>): Promise<T> => {
    const own = new Uint8Array(seed); // the caller may wipe its own meanwhile
    try {
      return await operation(own);
    } catch (cause) {
      throw new MlsError("ERR_MLS_CRYPTO", "signing failed", { cause });
    } finally {
      wipe(own);
    }
  };
  return {
    sign: async (privateKey, message) => {
      const content = new Uint8Array(message);
      return withSeed(privateKey, async (seed) => (await dsa()).sign(seed, content));
    },
    verify: async (publicKey, message, signature) => {
      const [key, content, signed] = [publicKey, message, signature].map((bytes) => new Uint8Array(bytes));
      try {
        return await (await dsa()).verify(key!, content!, signed!);
      } catch {
        return false; // malformed
      }
    },
    generateKeys: async () => {
      const privateKey = tools.randomBytes(SEED);
      return { privateKey, publicKey: await (await dsa()).publicKey(privateKey) };
    },
    publicKey: async (privateKey) => withSeed(privateKey, async (seed) => (await dsa()).publicKey(seed)),
    // FIPS 204 §7.2: t1 has ten bits for each coefficient, all of which are used, so every string of the length is a key.
    isValidPublicKey: async () => true,
  };
}
