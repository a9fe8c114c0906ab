import type { KEM, Signer } from "@noble/post-quantum/utils.js";
import { wipe } from "@openmls-ts/traits";
import type { MlDsa, MlKem, PostQuantumEngine } from "./engine.ts";

/** The algorithms of @noble/post-quantum, loaded when they are first used. */
export const nobleEngine: PostQuantumEngine = {
  mlKem: async (level) => {
    const { ml_kem768, ml_kem1024 } = await import("@noble/post-quantum/ml-kem.js");
    return kem({ 768: ml_kem768, 1024: ml_kem1024 }[level]);
  },
  mlDsa: async (level) => {
    const { ml_dsa44, ml_dsa65, ml_dsa87 } = await import("@noble/post-quantum/ml-dsa.js");
    return dsa({ 44: ml_dsa44, 65: ml_dsa65, 87: ml_dsa87 }[level]);
  },
};

function kem(algorithm: KEM): MlKem {
  return {
    publicKey: async (seed) => {
      const { publicKey, secretKey } = algorithm.keygen(seed);
      wipe(secretKey);
      return publicKey;
    },
    encapsulate: async (publicKey) => {
      const { sharedSecret, cipherText } = algorithm.encapsulate(publicKey);
      return { sharedSecret, ciphertext: cipherText };
    },
    decapsulate: async (ciphertext, seed) => {
      const { secretKey } = algorithm.keygen(seed);
      try {
        return algorithm.decapsulate(ciphertext, secretKey);
      } finally {
        wipe(secretKey);
      }
    },
  };
}

function dsa(algorithm: Signer): MlDsa {
  return {
    publicKey: async (seed) => {
      const { publicKey, secretKey } = algorithm.keygen(seed);
      wipe(secretKey);
      return publicKey;
    },
    sign: async (seed, message) => {
      const { secretKey } = algorithm.keygen(seed);
      try {
        return algorithm.sign(message, secretKey);
      } finally {
        wipe(secretKey);
      }
    },
    verify: async (publicKey, message, signature) => algorithm.verify(signature, message, publicKey),
  };
}
