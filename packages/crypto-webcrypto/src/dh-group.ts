import type { DhGroup } from "@openmls-ts/hpke";
import type { KemParams } from "@openmls-ts/traits";
import { isMlsError, MlsError } from "@openmls-ts/traits";
import type { KeyForm } from "./keys.ts";
import { derivePublicKey, importPrivateKey, importPublicKey, nistKeys, octetKeys } from "./keys.ts";
import type { SubtleCryptoLike } from "./subtle.ts";

/** The u-coordinates of the base points (RFC 7748 §4.1 and §4.2). */
const BASE_U = { X25519: 9, X448: 5 } as const;

async function agree(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  length: number,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<Uint8Array> {
  const peer = await importPublicKey(subtle, form, publicKey, []);
  const key = await importPrivateKey(subtle, form, privateKey, "deriveBits", false);
  const algorithm = { name: form.algorithm.name, public: peer };
  try {
    return new Uint8Array(await subtle.deriveBits(algorithm, key, 8 * length));
  } catch (cause) {
    // Runtimes refuse an all-zero result of X25519 and X448.
    throw new MlsError("ERR_MLS_CRYPTO", `Diffie-Hellman on ${form.curve} has no usable result`, { cause });
  }
}

function nistGroup(subtle: SubtleCryptoLike, params: KemParams, form: KeyForm): DhGroup {
  return {
    params,
    publicKey: async (privateKey) => derivePublicKey(subtle, form, privateKey, "deriveBits"),
    // A field element is as long as a scalar (RFC 9180 §7.1.1).
    diffieHellman: async (privateKey, publicKey) =>
      agree(subtle, form, params.privateKeyLength, privateKey, publicKey),
    async isValidPublicKey(publicKey) {
      try {
        await importPublicKey(subtle, form, publicKey, []);
        return true;
      } catch (error) {
        if (isMlsError(error, "ERR_MLS_INVALID_KEY")) {
          return false;
        }
        throw error;
      }
    },
  };
}

function montgomeryGroup(subtle: SubtleCryptoLike, params: KemParams, form: KeyForm, baseU: number): DhGroup {
  const { privateKeyLength, publicKeyLength } = params;
  const base = new Uint8Array(publicKeyLength);
  base[0] = baseU;
  return {
    params,
    // Multiplying the base point needs no export of the private key.
    publicKey: async (privateKey) => agree(subtle, form, privateKeyLength, privateKey, base),
    diffieHellman: async (privateKey, publicKey) =>
      agree(subtle, form, privateKeyLength, privateKey, publicKey),
    // RFC 7748 §5: every string of the right length is a u-coordinate.
    isValidPublicKey: async (publicKey) => publicKey.length === publicKeyLength,
  };
}

/** Diffie-Hellman of the runtime. */
export function webDhGroup(subtle: SubtleCryptoLike, params: KemParams): DhGroup {
  const { curve, publicKeyLength, privateKeyLength } = params;
  return curve === "X25519" || curve === "X448"
    ? montgomeryGroup(subtle, params, octetKeys(curve, publicKeyLength, privateKeyLength), BASE_U[curve])
    : nistGroup(subtle, params, nistKeys(curve, "ECDH"));
}
