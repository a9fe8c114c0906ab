import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  randomBytes,
} from "node:crypto";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import type { AeadParams, CipherSuiteParams, HashName, KdfParams, KemParams } from "@openmls-ts/traits";
import { CIPHER_SUITES, concatBytes, decryptionFailed, MlsError } from "@openmls-ts/traits";
import type { Aead, DhGroup, Kdf, SignatureScheme, SuitePrimitives } from "../primitives.ts";

// Just enough of a backend to test HPKE with combinations that MLS does not use; signatures are left out.

function kdf(params: KdfParams): Kdf {
  const name = params.hash.replace("-", "");
  const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array =>
    new Uint8Array(createHmac(name, key).update(data).digest());
  return {
    params,
    hash: (data) => new Uint8Array(createHash(name).update(data).digest()),
    hmac,
    extract: hmac,
    expand(pseudoRandomKey, info, length) {
      let block = new Uint8Array(0);
      let output = new Uint8Array(0);
      for (let counter = 1; output.length < length; counter++) {
        block = new Uint8Array(hmac(pseudoRandomKey, concatBytes(block, info, Uint8Array.of(counter))));
        output = new Uint8Array(concatBytes(output, block));
      }
      return output.slice(0, length);
    },
  };
}

const CIPHERS: Record<AeadParams["name"], "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305"> = {
  "AES-128-GCM": "aes-128-gcm",
  "AES-256-GCM": "aes-256-gcm",
  "ChaCha20-Poly1305": "chacha20-poly1305",
};

function aead(params: AeadParams): Aead {
  // All three take the same options; the type of the first stands for all.
  const cipher = CIPHERS[params.name] as "aes-128-gcm";
  const options = { authTagLength: params.tagLength };
  return {
    params,
    async seal(key, nonce, aad, plaintext) {
      const sealing = createCipheriv(cipher, key, nonce, options).setAAD(aad);
      return concatBytes(sealing.update(plaintext), sealing.final(), sealing.getAuthTag());
    },
    async open(key, nonce, aad, ciphertext) {
      const opening = createDecipheriv(cipher, key, nonce, options).setAAD(aad);
      opening.setAuthTag(ciphertext.subarray(ciphertext.length - params.tagLength));
      try {
        const body = ciphertext.subarray(0, ciphertext.length - params.tagLength);
        return concatBytes(opening.update(body), opening.final());
      } catch {
        throw decryptionFailed();
      }
    },
  };
}

const NIST: Partial<Record<KemParams["curve"], string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};
/** PKCS #8 and SubjectPublicKeyInfo before the raw key (RFC 8410). */
const DER: Partial<Record<KemParams["curve"], { readonly pkcs8: string; readonly spki: string }>> = {
  X25519: { pkcs8: "302e020100300506032b656e04220420", spki: "302a300506032b656e032100" },
  X448: { pkcs8: "3046020100300506032b656f043a0438", spki: "3042300506032b656f033900" },
};

function nistGroup(params: KemParams, curve: string): DhGroup {
  const ecdh = (privateKey: Uint8Array): ReturnType<typeof createECDH> => {
    const party = createECDH(curve);
    party.setPrivateKey(privateKey);
    return party;
  };
  const require = async (publicKey: Uint8Array): Promise<void> => {
    if (publicKey.length !== params.publicKeyLength || publicKey[0] !== 4) {
      throw new MlsError("ERR_MLS_INVALID_KEY", "not an uncompressed point");
    }
  };
  return {
    params,
    publicKey: async (privateKey) => new Uint8Array(ecdh(privateKey).getPublicKey()),
    async diffieHellman(privateKey, publicKey) {
      await require(publicKey);
      try {
        return new Uint8Array(ecdh(privateKey).computeSecret(publicKey));
      } catch (cause) {
        throw new MlsError("ERR_MLS_INVALID_KEY", "not on the curve", { cause });
      }
    },
    isValidPublicKey: async () => true,
  };
}

function montgomeryGroup(params: KemParams, der: { readonly pkcs8: string; readonly spki: string }): DhGroup {
  const importPrivate = (key: Uint8Array): ReturnType<typeof createPrivateKey> =>
    createPrivateKey({
      key: Buffer.concat([Buffer.from(der.pkcs8, "hex"), key]),
      format: "der",
      type: "pkcs8",
    });
  const importPublic = (key: Uint8Array): ReturnType<typeof createPublicKey> =>
    createPublicKey({ key: Buffer.concat([Buffer.from(der.spki, "hex"), key]), format: "der", type: "spki" });
  return {
    params,
    async publicKey(privateKey) {
      const spki = createPublicKey(importPrivate(privateKey)).export({ format: "der", type: "spki" });
      return new Uint8Array(spki.subarray(spki.length - params.publicKeyLength));
    },
    diffieHellman: async (privateKey, publicKey) =>
      new Uint8Array(
        diffieHellman({ privateKey: importPrivate(privateKey), publicKey: importPublic(publicKey) }),
      ),
    isValidPublicKey: async () => true,
  };
}

function signatureless(): never {
  throw new MlsError("ERR_MLS_INTERNAL", "no signatures in this test backend");
}

function find<T extends { readonly id: number }>(rows: readonly T[], id: number): T | undefined {
  return rows.find((row) => row.id === id);
}

/** Primitives of any KEM, KDF and AEAD that some suite knows; `undefined` for others. */
export function nodePrimitives(kemId: number, kdfId: number, aeadId: number): SuitePrimitives | undefined {
  const kdfs = CIPHER_SUITES.map((row) => row.kdf);
  const kem = find(
    CIPHER_SUITES.map((row) => row.kem),
    kemId,
  );
  const kdfParams = find(kdfs, kdfId);
  const aeadParams = find(
    CIPHER_SUITES.map((row) => row.aead),
    aeadId,
  );
  const suite = CIPHER_SUITES[0];
  if (kem === undefined || kdfParams === undefined || aeadParams === undefined || suite === undefined) {
    return undefined;
  }
  const params: CipherSuiteParams = { ...suite, kem, kdf: kdfParams, aead: aeadParams };
  const nist = NIST[kem.curve];
  const der = DER[kem.curve];
  const kdfOf = (hash: HashName): Kdf => kdf(kdfs.find((row) => row.hash === hash) ?? kdfParams);
  const signature: SignatureScheme = {
    params: params.signature,
    sign: signatureless,
    verify: signatureless,
    generateKeys: signatureless,
    publicKey: signatureless,
    isValidPublicKey: signatureless,
  };
  const group = nist === undefined ? undefined : nistGroup(kem, nist);
  return {
    params,
    kdf: kdf(kdfParams),
    kdfOf,
    aead: aead(aeadParams),
    group: group ?? montgomeryGroup(kem, der ?? { pkcs8: "", spki: "" }),
    signature,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
  };
}
