import * as crypto from "node:crypto";
import type { MlDsa, MlKem, PostQuantumEngine } from "./engine.ts";
import { nobleEngine } from "./noble-engine.ts";
import { kemAgrees, signs, works } from "./subtle-engine.ts";

// Node.js 24.7 and newer; not in every version of its types.
interface NodeCrypto {
  createPrivateKey(key: RawKey): crypto.KeyObject;
  createPublicKey(key: RawKey | crypto.KeyObject): crypto.KeyObject;
  encapsulate?(key: crypto.KeyObject): { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array };
  decapsulate?(key: crypto.KeyObject, ciphertext: Uint8Array): Uint8Array;
}
interface RawKey {
  readonly key: Uint8Array;
  readonly format: "raw-seed" | "raw-public";
  readonly asymmetricKeyType: string;
}

const node = crypto as unknown as NodeCrypto;

/** The algorithms of `node:crypto` (Node.js 24 with OpenSSL 3.5), each tried once; what it lacks comes from @noble/post-quantum. */
export const nodeEngine: PostQuantumEngine = {
  mlKem: async (level) => {
    const native = nodeKem(`ml-kem-${level}`);
    return (await works(async () => kemAgrees(native))) ? native : nobleEngine.mlKem(level);
  },
  mlDsa: async (level) => {
    const native = nodeDsa(`ml-dsa-${level}`);
    return (await works(async () => signs(native))) ? native : nobleEngine.mlDsa(level);
  },
};

function privateKey(type: string, seed: Uint8Array): crypto.KeyObject {
  return node.createPrivateKey({ key: seed, format: "raw-seed", asymmetricKeyType: type });
}

function publicKey(type: string, key: Uint8Array): crypto.KeyObject {
  return node.createPublicKey({ key, format: "raw-public", asymmetricKeyType: type });
}

function publicKeyOf(type: string, seed: Uint8Array): Uint8Array {
  const key = node.createPublicKey(privateKey(type, seed));
  return Uint8Array.from(
    (key.export as (options: { format: "raw-public" }) => Uint8Array)({ format: "raw-public" }),
  );
}

function nodeKem(type: string): MlKem {
  return {
    publicKey: async (seed) => publicKeyOf(type, seed),
    encapsulate: async (key) => {
      const { sharedKey, ciphertext } = node.encapsulate!(publicKey(type, key));
      return { sharedSecret: Uint8Array.from(sharedKey), ciphertext: Uint8Array.from(ciphertext) };
    },
    decapsulate: async (ciphertext, seed) =>
      Uint8Array.from(node.decapsulate!(privateKey(type, seed), ciphertext)),
  };
}

function nodeDsa(type: string): MlDsa {
  return {
    publicKey: async (seed) => publicKeyOf(type, seed),
    sign: async (seed, message) => Uint8Array.from(crypto.sign(null, message, privateKey(type, seed))),
    verify: async (key, message, signature) => crypto.verify(null, message, publicKey(type, key), signature),
  };
}
