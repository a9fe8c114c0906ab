import { bytesToHex } from "@openmls-ts/traits";
import { hex, holds, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";
import type { XWingBackend } from "../x-wing/backend.ts";
import { xWingBackends } from "../x-wing/backends.ts";
import { xWingDecapsulate, xWingEncapsulate, xWingKey } from "../x-wing/x-wing.ts";

interface XWing {
  readonly seed: string;
  readonly eseed: string;
  readonly sk: string;
  readonly pk: string;
  readonly ct: string;
  readonly ss: string;
}

const ML_KEM_CIPHERTEXT = 1088;

/**
 * The hybrid KEM of the post-quantum suites to come; no suite of RFC 9420 has it. It runs on each provider's X25519 and
 * on the ML-KEM of the same backend, with the combiner of this package.
 */
export const xWing: VectorFormat<XWing> = {
  name: "x-wing",
  fileName: /x-wing/,
  keys: ["seed", "eseed", "sk", "pk", "ct", "ss"],
  unsupported: async ({ crypto }) => {
    try {
      await backendOf(crypto.name).mlKemKey(new Uint8Array(64));
      return undefined;
    } catch {
      return `no ML-KEM-768 for ${crypto.name} in this runtime, Node.js ${process.version}`;
    }
  },
  run: async (vector, { crypto }) => {
    const backend = backendOf(crypto.name);
    sameBytes("sk", hex(vector.sk), vector.seed);
    const key = await xWingKey(backend, hex(vector.seed));
    sameBytes("pk", key.publicKey, vector.pk);
    sameBytes("ss of ct", await xWingDecapsulate(backend, key, hex(vector.ct)), vector.ss);

    const { ciphertext, secret } = await xWingEncapsulate(backend, key.publicKey, hex(vector.eseed));
    // Where the backend chooses the randomness of ML-KEM itself, the rest of the ciphertext is still determined.
    const from = backend.deterministic ? 0 : ML_KEM_CIPHERTEXT;
    sameBytes("ct", ciphertext.slice(from), hex(vector.ct).slice(from));
    holds("ss of eseed", !backend.deterministic || bytesToHex(secret) === vector.ss);
    sameBytes("ss of our ct", await xWingDecapsulate(backend, key, ciphertext), secret);
  },
};

function backendOf(provider: string): XWingBackend {
  const backend = xWingBackends[provider];
  if (backend === undefined) {
    throw new RangeError(`no X-Wing for ${provider}`);
  }
  return backend;
}
