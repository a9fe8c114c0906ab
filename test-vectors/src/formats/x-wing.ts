import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { nobleEngine, type PostQuantumEngine, subtleEngine } from "@openmls-ts/crypto-pq";
import { nodeEngine } from "@openmls-ts/crypto-pq/node";
import type { DhGroup } from "@openmls-ts/hpke";
import { bytesToHex, KEMS } from "@openmls-ts/traits";
import { MONTGOMERY_CURVES, montgomeryGroup } from "../../../packages/crypto-noble/src/montgomery.ts";
import { montgomeryGroup as nodeGroup } from "../../../packages/crypto-node/src/dh-group.ts";
import { xWing as xWingKem } from "../../../packages/crypto-pq/src/hybrids.ts";
import { montgomeryGroup as webGroup } from "../../../packages/crypto-webcrypto/src/dh-group.ts";
import { hex, holds, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface XWing {
  readonly seed: string;
  readonly eseed: string;
  readonly sk: string;
  readonly pk: string;
  readonly ct: string;
  readonly ss: string;
}

const ML_KEM_CIPHERTEXT = 1088;
const { X25519 } = KEMS;

/** What X-Wing is made of beside each provider. */
interface Backend {
  readonly x25519: DhGroup;
  readonly engine: PostQuantumEngine;
}

const backends: Readonly<Record<string, () => Backend>> = {
  noble: () => ({ x25519: montgomeryGroup(X25519, MONTGOMERY_CURVES.X25519), engine: nobleEngine }),
  node: () => ({ x25519: nodeGroup(X25519, "X25519", false), engine: nodeEngine }),
  webcrypto: () => ({ x25519: webGroup(globalThis.crypto.subtle, X25519, "X25519"), engine: subtleEngine() }),
};

/** The KEM of the post-quantum suites, on each provider's X25519 and the ML-KEM of the same backend. */
export const xWing: VectorFormat<XWing> = {
  name: "x-wing",
  fileName: /x-wing/,
  keys: ["seed", "eseed", "sk", "pk", "ct", "ss"],
  run: async (vector, { crypto }) => {
    const eseed = hex(vector.eseed);
    const { x25519: group, engine } = backends[crypto.name]!();
    // Without agreeFresh: the ephemeral key is the vector's.
    const x25519: DhGroup = {
      params: group.params,
      publicKey: async (privateKey) => group.publicKey(privateKey),
      agree: async (privateKey, publicKey) => group.agree(privateKey, publicKey),
      isValidPublicKey: async (publicKey) => group.isValidPublicKey(publicKey),
    };
    // Only noble takes the randomness of ML-KEM from outside; without it the rest of the ciphertext is still determined.
    const deterministic = crypto.name === "noble";
    const kem = await xWingKem(deterministic ? encapsulatingWith(engine, eseed.slice(0, 32)) : engine, {
      group: () => x25519,
      randomBytes: () => eseed.slice(32),
    });
    sameBytes("sk", hex(vector.sk), vector.seed);
    const publicKey = await kem.publicKey(hex(vector.seed));
    sameBytes("pk", publicKey, vector.pk);
    sameBytes("ss of ct", await kem.decapsulate(hex(vector.ct), hex(vector.seed)), vector.ss);

    const { kemOutput, sharedSecret } = await kem.encapsulate(publicKey);
    const from = deterministic ? 0 : ML_KEM_CIPHERTEXT;
    sameBytes("ct", kemOutput.slice(from), hex(vector.ct).slice(from));
    holds("ss of eseed", !deterministic || bytesToHex(sharedSecret) === vector.ss);
    sameBytes("ss of our ct", await kem.decapsulate(kemOutput, hex(vector.seed)), sharedSecret);
  },
};

function encapsulatingWith(engine: PostQuantumEngine, randomness: Uint8Array): PostQuantumEngine {
  return {
    ...engine,
    mlKem: async (level) => ({
      ...(await engine.mlKem(level)),
      encapsulate: async (publicKey) => {
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, randomness);
        return { ciphertext: cipherText, sharedSecret };
      },
    }),
  };
}
