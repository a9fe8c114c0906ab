import { Buffer } from "node:buffer";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  webcrypto,
} from "node:crypto";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { KEMS } from "@openmls-ts/traits";
import { MONTGOMERY_CURVES, montgomeryGroup } from "../../../packages/crypto-noble/src/montgomery.ts";
import { montgomeryGroup as nodeGroup } from "../../../packages/crypto-node/src/dh-group.ts";
import { montgomeryGroup as webGroup } from "../../../packages/crypto-webcrypto/src/dh-group.ts";
import type { XWingBackend } from "./backend.ts";

const ML_KEM = "ML-KEM-768";
const { X25519 } = KEMS;

const nobleHashes: Pick<XWingBackend, "sha3" | "shake256"> = {
  sha3: (data) => sha3_256(data),
  shake256: (data, length) => shake256(data, { dkLen: length }),
};

const noble: XWingBackend = {
  ...nobleHashes,
  deterministic: true,
  x25519: montgomeryGroup(X25519, MONTGOMERY_CURVES.X25519),
  async mlKemKey(seed) {
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    return { publicKey, decapsulate: async (ciphertext) => ml_kem768.decapsulate(ciphertext, secretKey) };
  },
  async mlKemEncapsulate(publicKey, randomness) {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, randomness);
    return { ciphertext: cipherText, secret: sharedSecret };
  },
};

const node: XWingBackend = {
  sha3: (data) => createHash("sha3-256").update(data).digest(),
  shake256: (data, length) => createHash("shake256", { outputLength: length }).update(data).digest(),
  deterministic: false,
  x25519: nodeGroup(X25519, "X25519"),
  async mlKemKey(seed) {
    const key = createPrivateKey({
      key: Buffer.from(seed),
      format: "raw-seed",
      asymmetricKeyType: "ml-kem-768",
    });
    const publicKey = createPublicKey(key).export({ format: "raw-public" });
    return { publicKey, decapsulate: async (ciphertext) => decapsulate(key, ciphertext) };
  },
  async mlKemEncapsulate(publicKey) {
    const format = { format: "raw-public", asymmetricKeyType: "ml-kem-768" } as const;
    const key = createPublicKey({ key: Buffer.from(publicKey), ...format });
    const { ciphertext, sharedKey } = encapsulate(key);
    return { ciphertext, secret: sharedKey };
  },
};

const { subtle } = webcrypto;

const web: XWingBackend = {
  // SubtleCrypto has no SHAKE that every runtime would know; this provider's hashes are noble's anyway.
  ...nobleHashes,
  deterministic: false,
  x25519: webGroup(subtle, X25519, "X25519"),
  async mlKemKey(seed) {
    const key = await subtle.importKey("raw-seed", seed, ML_KEM, false, ["decapsulateBits"]);
    const publicKey = await subtle.getPublicKey(key, ["encapsulateBits"]);
    return {
      publicKey: new Uint8Array(await subtle.exportKey("raw-public", publicKey)),
      decapsulate: async (ciphertext) =>
        new Uint8Array(await subtle.decapsulateBits(ML_KEM, key, ciphertext)),
    };
  },
  async mlKemEncapsulate(publicKey) {
    const key = await subtle.importKey("raw-public", publicKey, ML_KEM, false, ["encapsulateBits"]);
    const { ciphertext, sharedKey } = await subtle.encapsulateBits(ML_KEM, key);
    return { ciphertext: new Uint8Array(ciphertext), secret: new Uint8Array(sharedKey) };
  },
};

/** By the name of the provider. */
export const xWingBackends: Readonly<Record<string, XWingBackend>> = { noble, node, webcrypto: web };
