import type { DhAgreement, DhGroup, NistCurve } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { isMlsError, MlsError } from "@openmls-ts/traits";
import type { KeyForm } from "./keys.ts";
import { importKeyPair, importPrivateKey, importPublicKey, nistKeys, octetKeys } from "./keys.ts";
import type { SubtleCryptoLike } from "./subtle.ts";

interface WebCryptoKeyPair {
  readonly privateKey: object;
  readonly publicKey: object;
}

/** The u-coordinates of the base points (RFC 7748 §4.1 and §4.2). */
const BASE_U = { X25519: 9, X448: 5 } as const;

async function deriveBits(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  length: number,
  key: object,
  peer: object,
): Promise<Uint8Array> {
  const algorithm = { name: form.algorithm.name, public: peer };
  try {
    return new Uint8Array(await subtle.deriveBits(algorithm, key, 8 * length));
  } catch (cause) {
    // Runtimes refuse an all-zero result of X25519 and X448.
    throw new MlsError("ERR_MLS_CRYPTO", `Diffie-Hellman on ${form.curve} has no usable result`, { cause });
  }
}

/** ECDH of the runtime on a NIST curve. */
export function nistGroup(subtle: SubtleCryptoLike, params: DhKemParams, curve: NistCurve): DhGroup {
  const form = nistKeys(curve, "ECDH");
  return {
    params,
    async publicKey(privateKey) {
      return (await importKeyPair(subtle, form, privateKey, "deriveBits")).publicKey;
    },
    async agree(privateKey, publicKey) {
      const peer = await importPublicKey(subtle, form, publicKey, []);
      const own = await importKeyPair(subtle, form, privateKey, "deriveBits");
      // A field element is as long as a scalar (RFC 9180 §7.1.1).
      const secret = await deriveBits(subtle, form, params.privateKeyLength, own.key, peer);
      return { secret, publicKey: own.publicKey };
    },
    agreeFresh: async (publicKey) => agreeFresh(subtle, form, params.privateKeyLength, publicKey),
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

/**
 * Both results with a key pair of the runtime, of which the private half cannot be had: quicker than importing random bytes.
 * What does not depend on one another runs at the same time.
 */
async function agreeFresh(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  length: number,
  publicKey: Uint8Array,
): Promise<DhAgreement> {
  const [peer, own] = await Promise.all([
    importPublicKey(subtle, form, publicKey, []),
    generateKeyPair(subtle, form),
  ]);
  const [secret, raw] = await Promise.all([
    deriveBits(subtle, form, length, own.privateKey, peer),
    subtle.exportKey("raw", own.publicKey),
  ]);
  return { secret, publicKey: new Uint8Array(raw) };
}

async function generateKeyPair(
  subtle: SubtleCryptoLike,
  { algorithm, curve }: KeyForm,
): Promise<WebCryptoKeyPair> {
  try {
    return (await subtle.generateKey(algorithm, false, ["deriveBits"])) as WebCryptoKeyPair;
  } catch (cause) {
    throw new MlsError("ERR_MLS_CRYPTO", `the runtime makes no keys of ${curve}`, { cause });
  }
}

/** X25519 and X448 of the runtime. */
export function montgomeryGroup(
  subtle: SubtleCryptoLike,
  params: DhKemParams,
  curve: "X25519" | "X448",
): DhGroup {
  const { privateKeyLength, publicKeyLength } = params;
  const form = octetKeys(curve, publicKeyLength, privateKeyLength);
  const baseU = new Uint8Array(publicKeyLength);
  baseU[0] = BASE_U[curve];
  let base: Promise<object> | undefined;
  const timesBase = async (key: object): Promise<Uint8Array> => {
    base ??= importPublicKey(subtle, form, baseU, []);
    // Multiplying the base point needs no export of the private key.
    return deriveBits(subtle, form, publicKeyLength, key, await base);
  };
  return {
    params,
    async publicKey(privateKey) {
      return timesBase((await importPrivateKey(subtle, form, privateKey, "deriveBits", false)).key);
    },
    async agree(privateKey, publicKey) {
      const peer = await importPublicKey(subtle, form, publicKey, []);
      const { key } = await importPrivateKey(subtle, form, privateKey, "deriveBits", false);
      const secret = await deriveBits(subtle, form, privateKeyLength, key, peer);
      return { secret, publicKey: await timesBase(key) };
    },
    agreeFresh: async (publicKey) => agreeFresh(subtle, form, privateKeyLength, publicKey),
    // RFC 7748 §5: every string of the right length is a u-coordinate.
    isValidPublicKey: async (publicKey) => publicKey.length === publicKeyLength,
  };
}
