import type { KEM } from "@noble/post-quantum/utils.js";
import type { SuiteTools } from "@openmls-ts/hpke";
import { wipe } from "@openmls-ts/traits";
import { encapsulationKeyLength, isEncapsulationKey } from "./encapsulation-key.ts";
import type { SeedKem } from "./kems.ts";

/** MLKEM768-P256. */
export async function mlKem768P256(tools: SuiteTools): Promise<SeedKem> {
  const { ml_kem768_p256 } = await import("@noble/post-quantum/hybrid.js");
  return hybrid(ml_kem768_p256, async (key) => tools.group("P-256").isValidPublicKey(key), 768);
}

/** MLKEM1024-P384. */
export async function mlKem1024P384(tools: SuiteTools): Promise<SeedKem> {
  const { ml_kem1024_p384 } = await import("@noble/post-quantum/hybrid.js");
  return hybrid(ml_kem1024_p384, async (key) => tools.group("P-384").isValidPublicKey(key), 1024);
}

/**
 * A hybrid of @noble/post-quantum. Its combiner hashes both coordinates of the Diffie-Hellman point, of which the backends of
 * HPKE give one.
 */
function hybrid(kem: KEM, isPoint: (key: Uint8Array) => Promise<boolean>, level: 768 | 1024): SeedKem {
  const length = encapsulationKeyLength(level);
  return {
    publicKey: async (seed) => {
      const { publicKey, secretKey } = kem.keygen(seed);
      wipe(secretKey);
      return publicKey;
    },
    encapsulate: async (publicKey) => {
      const { sharedSecret, cipherText } = kem.encapsulate(publicKey);
      return { sharedSecret, kemOutput: cipherText };
    },
    decapsulate: async (kemOutput, seed) => {
      const { secretKey } = kem.keygen(seed);
      try {
        return kem.decapsulate(kemOutput, secretKey);
      } finally {
        wipe(secretKey);
      }
    },
    isPublicKey: async (publicKey) =>
      isEncapsulationKey(level, publicKey.subarray(0, length)) && isPoint(publicKey.slice(length)),
  };
}
