import { equalBytes, wipe } from "@openmls-ts/traits";
import type { MlDsa, MlKem, PostQuantumEngine } from "./engine.ts";
import { nobleEngine } from "./noble-engine.ts";

/** What is asked of SubtleCrypto ("Modern Algorithms in the Web Cryptography API"). */
export interface PostQuantumSubtle {
  importKey(
    format: "raw-seed" | "raw-public",
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: { readonly name: string },
    extractable: boolean,
    usages: readonly string[],
  ): Promise<object>;
  getPublicKey(key: object, usages: readonly string[]): Promise<object>;
  exportKey(format: "raw-public", key: object): Promise<ArrayBuffer>;
  encapsulateBits(
    algorithm: { readonly name: string },
    key: object,
  ): Promise<{ readonly sharedKey: ArrayBuffer; readonly ciphertext: ArrayBuffer }>;
  decapsulateBits(
    algorithm: { readonly name: string },
    key: object,
    ciphertext: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
  sign(
    algorithm: { readonly name: string },
    key: object,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
  verify(
    algorithm: { readonly name: string },
    key: object,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/**
 * The algorithms of the runtime's SubtleCrypto, each tried once; what it lacks comes from @noble/post-quantum.
 * @param subtle default: that of the runtime
 */
export function subtleEngine(subtle: PostQuantumSubtle | undefined = ofRuntime()): PostQuantumEngine {
  return {
    mlKem: async (level) => {
      if (subtle !== undefined && typeof subtle.encapsulateBits === "function") {
        const native = subtleKem(subtle, `ML-KEM-${level}`);
        if (await works(async () => kemAgrees(native))) {
          return native;
        }
      }
      return nobleEngine.mlKem(level);
    },
    mlDsa: async (level) => {
      if (subtle !== undefined && typeof subtle.getPublicKey === "function") {
        const native = subtleDsa(subtle, `ML-DSA-${level}`);
        if (await works(async () => signs(native))) {
          return native;
        }
      }
      return nobleEngine.mlDsa(level);
    },
  };
}

function ofRuntime(): PostQuantumSubtle | undefined {
  const { crypto } = globalThis as { readonly crypto?: { readonly subtle?: unknown } }; // none in insecure contexts
  return crypto?.subtle as PostQuantumSubtle | undefined;
}

/** Whether a trial ends well. */
export async function works(trial: () => Promise<boolean>): Promise<boolean> {
  try {
    return await trial();
  } catch {
    return false;
  }
}

/** Whether both sides of a KEM find the same secret. */
export async function kemAgrees(kem: MlKem): Promise<boolean> {
  const seed = new Uint8Array(64).fill(1);
  const { sharedSecret, ciphertext } = await kem.encapsulate(await kem.publicKey(seed));
  return equalBytes(await kem.decapsulate(ciphertext, seed), sharedSecret);
}

/** Whether a signature verifies, and one of something else does not. */
export async function signs(dsa: MlDsa): Promise<boolean> {
  const seed = new Uint8Array(32).fill(1);
  const message = Uint8Array.of(1);
  const [publicKey, signature] = await Promise.all([dsa.publicKey(seed), dsa.sign(seed, message)]);
  const good = await dsa.verify(publicKey, message, signature);
  return good && !(await dsa.verify(publicKey, Uint8Array.of(2), signature));
}

async function rawPublicKey(
  subtle: PostQuantumSubtle,
  name: string,
  seed: Uint8Array,
  [own, others]: readonly [own: string, others: string],
): Promise<Uint8Array> {
  const key = await importSeed(subtle, name, seed, own);
  return new Uint8Array(await subtle.exportKey("raw-public", await subtle.getPublicKey(key, [others])));
}

/** The copy that the runtime reads is wiped after it. */
async function importSeed(
  subtle: PostQuantumSubtle,
  name: string,
  seed: Uint8Array,
  usage: string,
): Promise<object> {
  const copy = new Uint8Array(seed);
  try {
    return await subtle.importKey("raw-seed", copy, { name }, false, [usage]);
  } finally {
    wipe(copy);
  }
}

function subtleKem(subtle: PostQuantumSubtle, name: string): MlKem {
  return {
    publicKey: async (seed) => rawPublicKey(subtle, name, seed, ["decapsulateBits", "encapsulateBits"]),
    encapsulate: async (publicKey) => {
      const own = new Uint8Array(publicKey);
      const key = await subtle.importKey("raw-public", own, { name }, false, ["encapsulateBits"]);
      const { sharedKey, ciphertext } = await subtle.encapsulateBits({ name }, key);
      return { sharedSecret: new Uint8Array(sharedKey), ciphertext: new Uint8Array(ciphertext) };
    },
    decapsulate: async (ciphertext, seed) => {
      const own = new Uint8Array(ciphertext);
      const key = await importSeed(subtle, name, seed, "decapsulateBits");
      return new Uint8Array(await subtle.decapsulateBits({ name }, key, own));
    },
  };
}

function subtleDsa(subtle: PostQuantumSubtle, name: string): MlDsa {
  return {
    publicKey: async (seed) => rawPublicKey(subtle, name, seed, ["sign", "verify"]),
    sign: async (seed, message) => {
      const own = new Uint8Array(message);
      return new Uint8Array(await subtle.sign({ name }, await importSeed(subtle, name, seed, "sign"), own));
    },
    verify: async (publicKey, message, signature) => {
      const [data, signed] = [new Uint8Array(message), new Uint8Array(signature)];
      const key = await subtle.importKey("raw-public", new Uint8Array(publicKey), { name }, false, [
        "verify",
      ]);
      return subtle.verify({ name }, key, signed, data);
    },
  };
}
