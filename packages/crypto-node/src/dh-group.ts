import { createECDH, diffieHellman, ECDH } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { DhGroup, NistCurve } from "@openmls-ts/hpke";
import { isNistScalar, isUncompressedPoint } from "@openmls-ts/hpke";
import type { KemParams } from "@openmls-ts/traits";
import { MlsError } from "@openmls-ts/traits";
import { plainBytes } from "./bytes.ts";
import {
  invalidKey,
  nistPrivateKey,
  nistPublicKey,
  octetPrivateKey,
  octetPublicKey,
  rawPublicKey,
} from "./key-objects.ts";

/** OpenSSL's names. */
const NIST_NAMES: Readonly<Record<NistCurve, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

function agree(curve: string, privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  try {
    return plainBytes(diffieHellman({ privateKey, publicKey }));
  } catch (cause) {
    // RFC 7748 §6: OpenSSL refuses an all-zero result of X25519 and X448.
    throw new MlsError("ERR_MLS_CRYPTO", `Diffie-Hellman on ${curve} has no usable result`, { cause });
  }
}

/** The public key of a scalar of a NIST curve, uncompressed. @throws MlsError `ERR_MLS_INVALID_KEY` */
export function nistPublicKeyOf(curve: NistCurve, privateKey: Uint8Array): Uint8Array {
  if (!isNistScalar(curve, privateKey)) {
    throw invalidKey(`private key of ${curve}`);
  }
  try {
    const ecdh = createECDH(NIST_NAMES[curve]);
    ecdh.setPrivateKey(privateKey);
    return plainBytes(ecdh.getPublicKey());
  } catch (cause) {
    throw invalidKey(`private key of ${curve}`, cause);
  }
}

/** Exact length, uncompressed, on the curve. Decodes the point and no more: a quarter of what an import costs. */
export function isNistPublicKey(curve: NistCurve, publicKey: Uint8Array): boolean {
  if (!isUncompressedPoint(curve, publicKey)) {
    return false;
  }
  try {
    ECDH.convertKey(publicKey, NIST_NAMES[curve], undefined, undefined, "uncompressed");
    return true;
  } catch {
    return false;
  }
}

class NistGroup implements DhGroup {
  readonly params: KemParams;
  readonly #curve: NistCurve;

  constructor(params: KemParams, curve: NistCurve) {
    this.params = params;
    this.#curve = curve;
  }

  async publicKey(privateKey: Uint8Array): Promise<Uint8Array> {
    return nistPublicKeyOf(this.#curve, privateKey);
  }

  // diffieHellman takes half the time of ECDH.computeSecret on P-384 and P-521, the imports included.
  async diffieHellman(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> {
    const peer = nistPublicKey(this.#curve, publicKey);
    return agree(this.#curve, nistPrivateKey(this.#curve, privateKey), peer);
  }

  async isValidPublicKey(publicKey: Uint8Array): Promise<boolean> {
    return isNistPublicKey(this.#curve, publicKey);
  }
}

class MontgomeryGroup implements DhGroup {
  readonly params: KemParams;

  constructor(params: KemParams) {
    this.params = params;
  }

  async publicKey(privateKey: Uint8Array): Promise<Uint8Array> {
    return rawPublicKey(octetPrivateKey(this.params.curve, this.params.privateKeyLength, privateKey));
  }

  async diffieHellman(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> {
    const { curve, privateKeyLength, publicKeyLength } = this.params;
    const peer = octetPublicKey(curve, publicKeyLength, publicKey);
    return agree(curve, octetPrivateKey(curve, privateKeyLength, privateKey), peer);
  }

  // RFC 7748 §5: every string of the right length is a u-coordinate.
  async isValidPublicKey(publicKey: Uint8Array): Promise<boolean> {
    return publicKey.length === this.params.publicKeyLength;
  }
}

/** Diffie-Hellman in OpenSSL. */
export function nodeDhGroup(params: KemParams): DhGroup {
  const { curve } = params;
  return curve === "X25519" || curve === "X448" ? new MontgomeryGroup(params) : new NistGroup(params, curve);
}
