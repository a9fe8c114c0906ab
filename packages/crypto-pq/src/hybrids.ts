import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import {
  type DhAgreement,
  isLowOrderPoint,
  isNistScalar,
  randomNistScalar,
  type SuiteTools,
} from "@openmls-ts/hpke";
import { concatBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { encapsulationKeyLength, isEncapsulationKey } from "./encapsulation-key.ts";
import type { MlKemLevel, PostQuantumEngine } from "./engine.ts";
import type { KemMaker, SeedKem } from "./kems.ts";

/** What the hybrids differ in. Lengths in bytes. */
interface HybridForm {
  readonly level: MlKemLevel;
  readonly curve: "X25519" | "P-256" | "P-384";
  readonly label: string;
  /** How much of the expanded seed makes the scalar. */
  readonly scalarSeedLength: number;
}

// draft-connolly-cfrg-xwing-kem; the label is six characters that draw a mountain.
const X_WING: HybridForm = { level: 768, curve: "X25519", label: "\\.//^\\", scalarSeedLength: 32 };
// draft-irtf-cfrg-concrete-hybrid-kems
const P256: HybridForm = { level: 768, curve: "P-256", label: "MLKEM768-P256", scalarSeedLength: 128 };
const P384: HybridForm = { level: 1024, curve: "P-384", label: "MLKEM1024-P384", scalarSeedLength: 48 };

const ML_KEM_SEED = 64;
const CIPHERTEXT: Readonly<Record<MlKemLevel, number>> = { 768: 1088, 1024: 1568 };

/** The private halves of a hybrid's seed. */
interface Expanded {
  readonly mlKemSeed: Uint8Array;
  readonly scalar: Uint8Array;
}

/** MLKEM768-X25519, known as X-Wing. */
export const xWing: KemMaker = async (engine, tools) => hybrid(X_WING, engine, tools);
/** MLKEM768-P256. */
export const mlKem768P256: KemMaker = async (engine, tools) => hybrid(P256, engine, tools);
/** MLKEM1024-P384. */
export const mlKem1024P384: KemMaker = async (engine, tools) => hybrid(P384, engine, tools);

/**
 * ML-KEM of the engine and Diffie-Hellman of the provider together: the secret is safe as long as one of the two is.
 */
async function hybrid(
  { level, curve, label, scalarSeedLength }: HybridForm,
  engine: PostQuantumEngine,
  tools: Pick<SuiteTools, "group" | "randomBytes">,
): Promise<SeedKem> {
  const mlKem = await engine.mlKem(level);
  const group = tools.group(curve);
  const keyLength = encapsulationKeyLength(level);

  const expand = (seed: Uint8Array): Expanded => {
    const bytes = shake256(seed, { dkLen: ML_KEM_SEED + scalarSeedLength });
    const scalar = scalarFrom(curve, bytes.subarray(ML_KEM_SEED), group.params.privateKeyLength);
    return { mlKemSeed: bytes.subarray(0, ML_KEM_SEED), scalar };
  };

  async function fresh(theirs: Uint8Array): Promise<DhAgreement> {
    if (group.agreeFresh !== undefined) {
      return group.agreeFresh(theirs);
    }
    const ephemeral =
      curve === "X25519" ? tools.randomBytes(32) : randomNistScalar(curve, (size) => tools.randomBytes(size));
    try {
      return await group.agree(ephemeral, theirs);
    } finally {
      wipe(ephemeral);
    }
  }

  /** SHA3-256(ss_PQ || ss_T || ct_T || ek_T || label), where ss_T is the x-coordinate. */
  function combine(
    mlKemSecret: Uint8Array,
    dhSecret: Uint8Array,
    ephemeral: Uint8Array,
    recipient: Uint8Array,
  ): Uint8Array {
    const input = concatBytes(mlKemSecret, dhSecret, ephemeral, recipient, utf8(label));
    const sharedSecret = sha3_256(input);
    wipe(input, mlKemSecret, dhSecret);
    return sharedSecret;
  }

  return {
    publicKey: async (seed) => {
      const { mlKemSeed, scalar } = expand(seed);
      try {
        return concatBytes(await mlKem.publicKey(mlKemSeed), await group.publicKey(scalar));
      } finally {
        wipe(mlKemSeed, scalar);
      }
    },
    encapsulate: async (publicKey) => {
      const theirs = publicKey.slice(keyLength);
      const dh = await fresh(theirs);
      const { sharedSecret, ciphertext } = await mlKem.encapsulate(publicKey.slice(0, keyLength));
      return {
        sharedSecret: combine(sharedSecret, dh.secret, dh.publicKey, theirs),
        kemOutput: concatBytes(ciphertext, dh.publicKey),
      };
    },
    decapsulate: async (kemOutput, seed) => {
      const { mlKemSeed, scalar } = expand(seed);
      const theirs = kemOutput.slice(CIPHERTEXT[level]);
      try {
        const mlKemSecret = await mlKem.decapsulate(kemOutput.slice(0, CIPHERTEXT[level]), mlKemSeed);
        const dh = await group.agree(scalar, theirs);
        return combine(mlKemSecret, dh.secret, theirs, dh.publicKey);
      } finally {
        wipe(mlKemSeed, scalar);
      }
    },
    isPublicKey: async (publicKey) =>
      publicKey.length === keyLength + group.params.publicKeyLength &&
      isEncapsulationKey(level, publicKey.subarray(0, keyLength)) &&
      // Nobody could encapsulate to a point of low order: as in DHKEM, it is no key.
      !isLowOrderPoint(curve, publicKey.subarray(keyLength)) &&
      group.isValidPublicKey(publicKey.slice(keyLength)),
  };
}

/** The first window of the seed that is a scalar of the curve; X25519 takes any. @throws MlsError `ERR_MLS_CRYPTO` */
function scalarFrom(curve: HybridForm["curve"], seed: Uint8Array, length: number): Uint8Array {
  if (curve === "X25519") {
    return seed;
  }
  for (let at = 0; at + length <= seed.length; at += length) {
    const candidate = seed.subarray(at, at + length);
    if (isNistScalar(curve, candidate)) {
      return candidate;
    }
  }
  // With a probability of 2^-128 for P-256 and 2^-190 for P-384.
  throw new MlsError("ERR_MLS_CRYPTO", "no private key could be derived from the seed");
}
