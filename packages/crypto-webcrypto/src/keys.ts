import type { KeyCurve, NistCurve } from "@openmls-ts/hpke";
import { encodePkcs8, isNistScalar, isUncompressedPoint } from "@openmls-ts/hpke";
import { concatBytes, MlsError, wipe } from "@openmls-ts/traits";
import type { SubtleCryptoLike, WebCryptoAlgorithm, WebCryptoKeyUsage } from "./subtle.ts";
import { invalidKey, own } from "./subtle.ts";

/** The form of the raw keys of a curve, and how SubtleCrypto knows them. */
export interface KeyForm {
  readonly curve: KeyCurve;
  readonly algorithm: WebCryptoAlgorithm;
  /** Length and form; that a point is on the curve, the runtime checks. */
  isPublic(publicKey: Uint8Array): boolean;
  isPrivate(privateKey: Uint8Array): boolean;
}

/** Keys of ECDH or ECDSA: the runtime would take compressed points too. */
export function nistKeys(curve: NistCurve, name: "ECDH" | "ECDSA"): KeyForm {
  return {
    curve,
    algorithm: { name, namedCurve: curve },
    isPublic: (publicKey) => isUncompressedPoint(curve, publicKey),
    isPrivate: (privateKey) => isNistScalar(curve, privateKey),
  };
}

/** Keys of RFC 7748 and RFC 8032: any string of the right length. */
export function octetKeys(
  curve: Exclude<KeyCurve, NistCurve>,
  publicKeyLength: number,
  privateKeyLength: number,
): KeyForm {
  return {
    curve,
    algorithm: { name: curve },
    isPublic: (publicKey) => publicKey.length === publicKeyLength,
    isPrivate: (privateKey) => privateKey.length === privateKeyLength,
  };
}

/** @throws MlsError `ERR_MLS_INVALID_KEY` */
export async function importPublicKey(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  publicKey: Uint8Array,
  usages: WebCryptoKeyUsage[],
): Promise<object> {
  const what = `public key of ${form.curve}`;
  if (!form.isPublic(publicKey)) {
    throw invalidKey(what);
  }
  try {
    return await subtle.importKey("raw", own(publicKey), form.algorithm, true, usages);
  } catch (cause) {
    throw invalidKey(what, cause);
  }
}

/**
 * Imports a raw private key as PKCS #8 without its public key, which the runtime then computes.
 * @throws MlsError `ERR_MLS_INVALID_KEY`
 */
export async function importPrivateKey(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  privateKey: Uint8Array,
  usage: WebCryptoKeyUsage,
  extractable: boolean,
): Promise<object> {
  const what = `private key of ${form.curve}`;
  if (!form.isPrivate(privateKey)) {
    throw invalidKey(what);
  }
  const pkcs8 = own(encodePkcs8(form.curve, privateKey));
  try {
    return await subtle.importKey("pkcs8", pkcs8, form.algorithm, extractable, [usage]);
  } catch (cause) {
    throw invalidKey(what, cause);
  } finally {
    wipe(pkcs8);
  }
}

/**
 * The public key of a private one. SubtleCrypto has no operation for it, but a JWK of a private key has both.
 * @throws MlsError `ERR_MLS_INVALID_KEY`
 */
export async function derivePublicKey(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  privateKey: Uint8Array,
  usage: WebCryptoKeyUsage,
): Promise<Uint8Array> {
  const key = await importPrivateKey(subtle, form, privateKey, usage, true);
  let jwk: { readonly x?: unknown; readonly y?: unknown };
  try {
    jwk = await subtle.exportKey("jwk", key);
  } catch (cause) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "the runtime does not export private keys", { cause });
  }
  const { x, y } = jwk;
  if (typeof x !== "string") {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "the runtime exports private keys without public ones");
  }
  return typeof y === "string"
    ? concatBytes(Uint8Array.of(4), fromBase64Url(x), fromBase64Url(y))
    : fromBase64Url(x);
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
