import type { KeyCurve, NistCurve } from "@openmls-ts/hpke";
import { encodePkcs8, encodePkcs8WithPublicKey, isNistPoint, isNistScalar } from "@openmls-ts/hpke";
import { concatBytes, MlsError, wipe } from "@openmls-ts/traits";
import type { OwnBytes, SubtleCryptoLike, WebCryptoAlgorithm, WebCryptoKeyUsage } from "./subtle.ts";
import { invalidKey, own } from "./subtle.ts";

/** The form of the raw keys of a curve, and how SubtleCrypto knows them. */
export interface KeyForm {
  readonly curve: KeyCurve;
  readonly algorithm: WebCryptoAlgorithm;
  isPublic(publicKey: Uint8Array): boolean;
  isPrivate(privateKey: Uint8Array): boolean;
  /** Set once the runtime turned out to take no private key without its public one. */
  needsPublicKey: boolean;
  /** Set once the runtime turned out not to give the point of a private key that came without it. */
  exportsNoPoint: boolean;
}

/** Keys of ECDH or ECDSA. Runtimes would take compressed points too, and some take points off the curve. */
export function nistKeys(curve: NistCurve, name: "ECDH" | "ECDSA"): KeyForm {
  return {
    curve,
    algorithm: { name, namedCurve: curve },
    isPublic: (publicKey) => isNistPoint(curve, publicKey),
    isPrivate: (privateKey) => isNistScalar(curve, privateKey),
    needsPublicKey: false,
    exportsNoPoint: false,
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
    needsPublicKey: false,
    exportsNoPoint: false,
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

/** An imported private key, with its public key where that had to be computed for it. */
export interface ImportedKey {
  readonly key: object;
  readonly publicKey: Uint8Array | undefined;
}

/**
 * Imports a raw private key as PKCS #8: without its public key, which the runtime then computes, where it does.
 * @throws MlsError `ERR_MLS_INVALID_KEY`
 */
export async function importPrivateKey(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  privateKey: Uint8Array,
  usage: WebCryptoKeyUsage,
  extractable: boolean,
): Promise<ImportedKey> {
  const what = `private key of ${form.curve}`;
  if (!form.isPrivate(privateKey)) {
    throw invalidKey(what);
  }
  const { curve } = form;
  const importing = async (pkcs8: OwnBytes): Promise<object> => {
    try {
      return await subtle.importKey("pkcs8", pkcs8, form.algorithm, extractable, [usage]);
    } catch (cause) {
      throw invalidKey(what, cause);
    } finally {
      wipe(pkcs8);
    }
  };
  if (!isNistCurve(curve)) {
    return { key: await importing(own(encodePkcs8(curve, privateKey))), publicKey: undefined };
  }
  const scalar = new Uint8Array(privateKey); // the caller may wipe its own before the runtime answers
  try {
    if (!form.needsPublicKey) {
      const key = await importing(own(encodePkcs8(curve, scalar))).catch(() => undefined);
      if (key !== undefined) {
        return { key, publicKey: undefined };
      }
    }
    // Safari takes no scalar without its point, and has no operation that gives the point.
    const publicKey = await nistPublicKeyOf(curve, scalar);
    const key = await importing(own(encodePkcs8WithPublicKey(curve, scalar, publicKey)));
    form.needsPublicKey = true;
    return { key, publicKey };
  } finally {
    wipe(scalar);
  }
}

async function nistPublicKeyOf(curve: NistCurve, privateKey: Uint8Array): Promise<Uint8Array> {
  const { p256, p384, p521 } = await import("@noble/curves/nist.js");
  return { "P-256": p256, "P-384": p384, "P-521": p521 }[curve].getPublicKey(privateKey, false);
}

function isNistCurve(curve: KeyCurve): curve is NistCurve {
  return curve.startsWith("P-");
}

/**
 * Imports a raw private key together with its public one.
 * @throws MlsError `ERR_MLS_INVALID_KEY`, `ERR_MLS_UNSUPPORTED_RUNTIME`
 */
export async function importKeyPair(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  privateKey: Uint8Array,
  usage: WebCryptoKeyUsage,
): Promise<{ readonly key: object; readonly publicKey: Uint8Array }> {
  const own = new Uint8Array(privateKey); // the caller may wipe its own before the runtime answers
  try {
    const { key, publicKey } = await importPrivateKey(subtle, form, own, usage, true);
    return { key, publicKey: publicKey ?? (await publicKeyOf(subtle, form, key, own)) };
  } finally {
    wipe(own);
  }
}

/** SubtleCrypto has no operation for it, but a JWK of a private key has both. */
async function publicKeyOf(
  subtle: SubtleCryptoLike,
  form: KeyForm,
  key: object,
  privateKey: Uint8Array,
): Promise<Uint8Array> {
  const { curve } = form;
  if (!isNistCurve(curve)) {
    return exportedPublicKey(subtle, form, key);
  }
  if (!form.exportsNoPoint) {
    try {
      return await exportedPublicKey(subtle, form, key);
    } catch {
      // Firefox does not export such a key when it was imported without its point.
    }
  }
  const publicKey = await nistPublicKeyOf(curve, privateKey);
  form.exportsNoPoint = true;
  return publicKey;
}

/** @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` */
async function exportedPublicKey(
  subtle: SubtleCryptoLike,
  { curve }: KeyForm,
  key: object,
): Promise<Uint8Array> {
  let jwk: { readonly x?: unknown; readonly y?: unknown };
  try {
    jwk = await subtle.exportKey("jwk", key);
  } catch (cause) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "the runtime does not export private keys", { cause });
  }
  const { x, y } = jwk;
  if (typeof x !== "string" || (isNistCurve(curve) && typeof y !== "string")) {
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
