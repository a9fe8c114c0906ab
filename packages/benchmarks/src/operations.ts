import { performance } from "node:perf_hooks";
import type { CipherSuite } from "@openmls-ts/traits";

/** One timed operation: what it is called and its median duration. */
export interface Timing {
  readonly operation: string;
  readonly microseconds: number;
}

/** Median of `rounds` runs after a warm-up, in microseconds. The median, because other work disturbs single runs. */
async function median(rounds: number, operation: () => unknown): Promise<number> {
  for (let i = 0; i < rounds / 4; i++) await operation();
  const durations: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    await operation();
    durations.push(performance.now() - started);
  }
  durations.sort((a, b) => a - b);
  return (durations[rounds >> 1] ?? Number.NaN) * 1000;
}

/** Times what the protocol asks of a cipher suite: per message (hash, HMAC, AEAD), per commit (HPKE, signatures). */
export async function timeOperations(suite: CipherSuite, rounds: number): Promise<Timing[]> {
  const { kem, aead } = suite.params;
  const signatureKeys = await suite.generateSignatureKeys();
  const kemKeys = await suite.deriveKeyPair(suite.randomBytes(kem.privateKeyLength));
  const message = suite.randomBytes(1024);
  const key = suite.randomBytes(aead.keyLength);
  const nonce = suite.randomBytes(aead.nonceLength);
  const empty = new Uint8Array();
  const pseudoRandomKey = suite.hash(message);
  const signature = await suite.sign(signatureKeys.privateKey, message);
  const ciphertext = await suite.aeadSeal(key, nonce, empty, message);
  const context = suite.hpkeSealContext(empty);
  const bytesKey = { sign: async (bytes: Uint8Array) => suite.sign(signatureKeys.privateKey, bytes) };
  const signingKey = await suite.importSigningKey?.(signatureKeys.privateKey);
  const sealed = await context.seal(kemKeys.publicKey, empty, key);

  const operations: readonly (readonly [string, () => unknown])[] = [
    ["hash 1 KiB", () => suite.hash(message)],
    ["HMAC 1 KiB", () => suite.hmac(key, message)],
    ["HKDF-Expand", () => suite.hkdfExpand(pseudoRandomKey, empty, 32)],
    ["AEAD seal 1 KiB", async () => suite.aeadSeal(key, nonce, empty, message)],
    ["AEAD open 1 KiB", async () => suite.aeadOpen(key, nonce, empty, ciphertext)],
    ["HPKE seal", async () => context.seal(kemKeys.publicKey, empty, key)],
    [
      "HPKE open",
      async () => suite.hpkeOpen(kemKeys.privateKey, sealed.kemOutput, empty, empty, sealed.ciphertext),
    ],
    ["derive key pair", async () => suite.deriveKeyPair(key)],
    ["sign 1 KiB", async () => suite.sign(signatureKeys.privateKey, message)],
    ["sign 1 KiB, imported key", async () => (signingKey ?? bytesKey).sign(message)],
    ["verify 1 KiB", async () => suite.verify(signatureKeys.publicKey, message, signature)],
  ];
  const timings: Timing[] = [];
  for (const [operation, run] of operations) {
    timings.push({ operation, microseconds: await median(rounds, run) });
  }
  return timings;
}
