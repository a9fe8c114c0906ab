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
import { concatBytes, MlsError, wipe } from "@openmls-ts/traits";

/** What an uncompressed point begins with (SEC 1 §2.3.3). */
const UNCOMPRESSED = Uint8Array.of(4);

/*
 * Raw public keys become KeyObjects by way of PEM: in a string it takes a quarter of the time of DER, JWK or Node 24's raw
 * form. Private keys go by way of DER: PEM and JWK would be a little quicker, but they are strings, which nobody can
 * wipe.
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

/** RFC 7468 §13, in lines of 64 characters (§2). */
function pem(spki: Uint8Array): string {
  const base64 = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString("base64");
  const lines = base64.length > 64 ? base64.replace(/.{64}/g, "$&\n") : base64;
  return `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
}

function importPublicKey(curve: KeyCurve, publicKey: Uint8Array): KeyObject {
  try {
    return createPublicKey(pem(encodeSpki(curve, publicKey)));
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

/**
 * A public key as MLS writes it: raw (RFC 7748, RFC 8032), or an uncompressed point of a NIST curve. JWK is the one form
 * that is cheap to export, a thirtieth of DER.
 */
export function rawPublicKey(publicKey: KeyObject): Uint8Array {
  const { x, y } = publicKey.export({ format: "jwk" });
  if (x === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "the runtime exports a public key without x");
  }
  return y === undefined
    ? Uint8Array.from(Buffer.from(x, "base64url"))
    : concatBytes(UNCOMPRESSED, Buffer.from(x, "base64url"), Buffer.from(y, "base64url"));
}

/** The raw public key that belongs to a private key of RFC 7748 or RFC 8032. */
export function rawPublicKeyOf(privateKey: KeyObject): Uint8Array {
  return rawPublicKey(createPublicKey(privateKey));
}
