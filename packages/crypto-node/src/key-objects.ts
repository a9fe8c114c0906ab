import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { KeyCurve, NistCurve } from "@openmls-ts/hpke";
import {
  encodePkcs8,
  encodePkcs8WithPublicKey,
  encodeSpki,
  isNistScalar,
  isUncompressedPoint,
} from "@openmls-ts/hpke";
import { MlsError, wipe } from "@openmls-ts/traits";

/*
 * Raw keys become KeyObjects by way of DER. JWK would be quicker on the OpenSSL 3.0 of early Node 22 and as quick on
 * Node 24, but a private key in base64url is a string, which nobody can wipe.
 */

/** Keys whose length is wrong, or that OpenSSL refuses. Says which curve and nothing about the key. */
export function invalidKey(what: string, cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_INVALID_KEY", `not a ${what}`, { cause });
}

// The types ask for a Buffer where any view is taken.
function der(bytes: Uint8Array): Buffer {
  return bytes as Buffer;
}

/** A public key of a NIST curve; the runtime checks that the point is on it. @throws MlsError `ERR_MLS_INVALID_KEY` */
export function nistPublicKey(curve: NistCurve, publicKey: Uint8Array): KeyObject {
  // OpenSSL takes compressed and hybrid points as well.
  if (!isUncompressedPoint(curve, publicKey)) {
    throw invalidKey(`public key of ${curve}`);
  }
  return importPublicKey(curve, publicKey);
}

/** A raw public key of RFC 7748 or RFC 8032. @throws MlsError `ERR_MLS_INVALID_KEY` */
export function octetPublicKey(curve: KeyCurve, length: number, publicKey: Uint8Array): KeyObject {
  if (publicKey.length !== length) {
    throw invalidKey(`public key of ${curve}`);
  }
  return importPublicKey(curve, publicKey);
}

function importPublicKey(curve: KeyCurve, publicKey: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: der(encodeSpki(curve, publicKey)), format: "der", type: "spki" });
  } catch (cause) {
    throw invalidKey(`public key of ${curve}`, cause);
  }
}

/**
 * A scalar of a NIST curve with its public key, without which some runtimes take none.
 * @throws MlsError `ERR_MLS_INVALID_KEY`
 */
export function nistPrivateKey(curve: NistCurve, privateKey: Uint8Array, publicKey: Uint8Array): KeyObject {
  // OpenSSL imports scalars out of range without complaint.
  if (!isNistScalar(curve, privateKey)) {
    throw invalidKey(`private key of ${curve}`);
  }
  return importPrivateKey(curve, encodePkcs8WithPublicKey(curve, privateKey, publicKey));
}

/** A raw private key of RFC 7748 or RFC 8032. @throws MlsError `ERR_MLS_INVALID_KEY` */
export function octetPrivateKey(curve: KeyCurve, length: number, privateKey: Uint8Array): KeyObject {
  if (privateKey.length !== length) {
    throw invalidKey(`private key of ${curve}`);
  }
  return importPrivateKey(curve, encodePkcs8(curve, privateKey));
}

function importPrivateKey(curve: KeyCurve, pkcs8: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: der(pkcs8), format: "der", type: "pkcs8" });
  } catch (cause) {
    throw invalidKey(`private key of ${curve}`, cause);
  } finally {
    wipe(pkcs8);
  }
}

/** The raw public key that belongs to a private key of RFC 7748 or RFC 8032. */
export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "the runtime exports a public key without x");
  }
  return Uint8Array.from(Buffer.from(x, "base64url"));
}
