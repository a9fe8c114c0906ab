import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { isLowOrderPoint, type SuiteTools } from "@openmls-ts/hpke";
import { concatBytes, utf8, wipe } from "@openmls-ts/traits";
import { encapsulationKeyLength, isEncapsulationKey } from "./encapsulation-key.ts";
import type { PostQuantumEngine } from "./engine.ts";
import type { SeedKem } from "./kems.ts";

const KEY = encapsulationKeyLength(768);
const CIPHERTEXT = 1088;
// Six characters that draw a mountain (draft-connolly-cfrg-xwing-kem).
const LABEL = "\\.//^\\";

interface Expanded {
  readonly mlKemSeed: Uint8Array;
  readonly scalar: Uint8Array;
}

/** MLKEM768-X25519, known as X-Wing: the secret is safe as long as one of the two is. */
export async function xWing(
  engine: PostQuantumEngine,
  tools: Pick<SuiteTools, "group" | "randomBytes">,
): Promise<SeedKem> {
  const mlKem = await engine.mlKem(768);
  const x25519 = tools.group("X25519");
  const expand = (seed: Uint8Array): Expanded => {
    const bytes = shake256(seed, { dkLen: 96 });
    return { mlKemSeed: bytes.subarray(0, 64), scalar: bytes.subarray(64) };
  };
  const combine = (
    mlKemSecret: Uint8Array,
    dhSecret: Uint8Array,
    ephemeral: Uint8Array,
    theirs: Uint8Array,
  ): Uint8Array => {
    const input = concatBytes(mlKemSecret, dhSecret, ephemeral, theirs, utf8(LABEL));
    const sharedSecret = sha3_256(input);
    wipe(input, mlKemSecret, dhSecret);
    return sharedSecret;
  };
  return {
    publicKey: async (seed) => {
      const { mlKemSeed, scalar } = expand(seed);
      try {
        return concatBytes(await mlKem.publicKey(mlKemSeed), await x25519.publicKey(scalar));
      } finally {
        wipe(mlKemSeed, scalar);
      }
    },
    encapsulate: async (publicKey) => {
      const theirs = publicKey.slice(KEY);
      const ephemeral = tools.randomBytes(32);
      try {
        const dh = await x25519.agree(ephemeral, theirs);
        const { sharedSecret, ciphertext } = await mlKem.encapsulate(publicKey.slice(0, KEY));
        return {
          sharedSecret: combine(sharedSecret, dh.secret, dh.publicKey, theirs),
          kemOutput: concatBytes(ciphertext, dh.publicKey),
        };
      } finally {
        wipe(ephemeral);
      }
    },
    decapsulate: async (kemOutput, seed) => {
      const { mlKemSeed, scalar } = expand(seed);
      const theirs = kemOutput.slice(CIPHERTEXT);
      try {
        const mlKemSecret = await mlKem.decapsulate(kemOutput.slice(0, CIPHERTEXT), mlKemSeed);
        const dh = await x25519.agree(scalar, theirs);
        return combine(mlKemSecret, dh.secret, theirs, dh.publicKey);
      } finally {
        wipe(mlKemSeed, scalar);
      }
    },
    isPublicKey: async (publicKey) =>
      publicKey.length === KEY + 32 &&
      isEncapsulationKey(768, publicKey.subarray(0, KEY)) &&
      // Nobody could encapsulate to such a key: as in DHKEM, it is none.
      !isLowOrderPoint("X25519", publicKey.subarray(KEY)),
  };
}
