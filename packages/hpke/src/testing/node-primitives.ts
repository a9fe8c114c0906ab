import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  randomBytes,
} from "node:crypto";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import type { AeadParams, CipherSuiteParams, DhKemParams, KdfParams } from "@openmls-ts/traits";
import {
  AEADS,
  CIPHER_SUITES,
  concatBytes,
  decryptionFailed,
  KDFS,
  KEMS,
  MlsError,
} from "@openmls-ts/traits";
import { DhKem } from "../dhkem.ts";
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

const CIPHERS: Readonly<Record<string, string>> = {
  "AES-128-GCM": "aes-128-gcm",
  "AES-256-GCM": "aes-256-gcm",
  "ChaCha20-Poly1305": "chacha20-poly1305",
};

function aead(params: AeadParams): Aead {
  // All three take the same options; the type of the first stands for all.
  const cipher = CIPHERS[params.name] as "aes-128-gcm";
  const options = { authTagLength: params.tagLength };
  return {
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

const NIST: Partial<Record<DhKemParams["curve"], string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};
/** PKCS #8 and SubjectPublicKeyInfo before the raw key (RFC 8410). */
const DER: Partial<Record<DhKemParams["curve"], { readonly pkcs8: string; readonly spki: string }>> = {
  X25519: { pkcs8: "302e020100300506032b656e04220420", spki: "302a300506032b656e032100" },
  X448: { pkcs8: "3046020100300506032b656f043a0438", spki: "3042300506032b656f033900" },
};

function nistGroup(params: DhKemParams, curve: string): DhGroup {
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
    async agree(privateKey, publicKey) {
      await require(publicKey);
      const own = ecdh(privateKey);
      try {
        const secret = new Uint8Array(own.computeSecret(publicKey));
        return { secret, publicKey: new Uint8Array(own.getPublicKey()) };
      } catch (cause) {
        throw new MlsError("ERR_MLS_INVALID_KEY", "not on the curve", { cause });
      }
    },
    isValidPublicKey: async () => true,
  };
}

function montgomeryGroup(
  params: DhKemParams,
  der: { readonly pkcs8: string; readonly spki: string },
): DhGroup {
  const importPrivate = (key: Uint8Array): ReturnType<typeof createPrivateKey> =>
    createPrivateKey({
      key: Buffer.concat([Buffer.from(der.pkcs8, "hex"), key]),
      format: "der",
      type: "pkcs8",
    });
  const importPublic = (key: Uint8Array): ReturnType<typeof createPublicKey> =>
    createPublicKey({ key: Buffer.concat([Buffer.from(der.spki, "hex"), key]), format: "der", type: "spki" });
  const publicKeyOf = (privateKey: Uint8Array): Uint8Array => {
    const spki = createPublicKey(importPrivate(privateKey)).export({ format: "der", type: "spki" });
    return new Uint8Array(spki.subarray(spki.length - params.publicKeyLength));
  };
  return {
    params,
    publicKey: async (privateKey) => publicKeyOf(privateKey),
    agree: async (privateKey, publicKey) => ({
      secret: new Uint8Array(
        diffieHellman({ privateKey: importPrivate(privateKey), publicKey: importPublic(publicKey) }),
      ),
      publicKey: publicKeyOf(privateKey),
    }),
    isValidPublicKey: async () => true,
  };
}

function signatureless(): never {
  throw new MlsError("ERR_MLS_INTERNAL", "no signatures in this test backend");
}

function find<T extends { readonly id: number }>(
  rows: Readonly<Record<string, T>>,
  id: number,
): T | undefined {
  return Object.values(rows).find((row) => row.id === id);
}

/** Primitives of any KEM, KDF and AEAD that some suite knows; `undefined` for others. */
export function nodePrimitives(
  kemId: number,
  kdfId: number,
  aeadId: number,
): (SuitePrimitives & { readonly kem: DhKem }) | undefined {
  const [kem, kdfParams, aeadParams, suite] = [
    find(KEMS, kemId),
    find(KDFS, kdfId),
    find(AEADS, aeadId),
    CIPHER_SUITES[0],
  ];
  if (kem === undefined || kdfParams === undefined || aeadParams === undefined || suite === undefined) {
    return undefined;
  }
  const params: CipherSuiteParams = { ...suite, kem, kdf: kdfParams, aead: aeadParams };
  const nist = NIST[kem.curve];
  const der = DER[kem.curve];
  const signature: SignatureScheme = {
    sign: signatureless,
    verify: signatureless,
    generateKeys: signatureless,
    publicKey: signatureless,
    isValidPublicKey: signatureless,
  };
  const group =
    nist === undefined ? montgomeryGroup(kem, der ?? { pkcs8: "", spki: "" }) : nistGroup(kem, nist);
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  return {
    params,
    hash: kdf(kdfParams),
    kdf: kdf(kdfParams),
    aead: aead(aeadParams),
    kem: new DhKem(kem, group, kdf(KDFS[kem.hash]), random),
    signature,
    randomBytes: random,
  };
}
