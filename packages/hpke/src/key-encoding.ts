import { concatBytes, hexToBytes } from "@openmls-ts/traits";

import { NIST_CURVES } from "./nist-curves.ts";
import type { NistCurve } from "./nist-curves.ts";

/** A curve by the name that JWK and WebCrypto give it. */
export type KeyCurve = NistCurve | "X25519" | "X448" | "Ed25519" | "Ed448";

/** The DER around a raw key: all of it constant, because the keys of one curve have one length. */
interface KeyFraming {
  /** SubjectPublicKeyInfo (RFC 5280 §4.1) up to the key. */
  readonly spki: Uint8Array;
  /** PrivateKeyInfo (RFC 5208 §5) up to the key. */
  readonly pkcs8: Uint8Array;
}

interface NistFraming extends KeyFraming {
  /** PrivateKeyInfo up to the key, where the public key follows. */
  readonly pkcs8WithPublic: Uint8Array;
  /** What stands between private and public key: [1] { BIT STRING } of ECPrivateKey (RFC 5915 §3). */
  readonly publicPart: Uint8Array;
}

/** One DER element's head: the tag, and the length in as few bytes as it takes (below 256). */
function head(tag: number, length: number): number[] {
  return length < 0x80 ? [tag, length] : [tag, 0x81, length];
}

// RFC 8410 §4 and §7; the private key is an OCTET STRING within an OCTET STRING.
function octetKey(oid: string, length: number): KeyFraming {
  const algorithm = [0x30, 0x05, ...hexToBytes(oid)];
  return {
    spki: Uint8Array.of(...head(0x30, algorithm.length + 3 + length), ...algorithm, 0x03, length + 1, 0x00),
    pkcs8: Uint8Array.of(
      ...head(0x30, 3 + algorithm.length + 4 + length),
      ...[0x02, 0x01, 0x00],
      ...algorithm,
      ...[0x04, length + 2, 0x04, length],
    ),
  };
}

// RFC 5480 §2.1 (id-ecPublicKey with a named curve) and RFC 5915 §3 (ECPrivateKey).
function nistKey(curve: NistCurve, curveOid: string): NistFraming {
  const { length, generator } = NIST_CURVES[curve];
  const oids = [...hexToBytes("06072a8648ce3d0201"), ...hexToBytes(curveOid)];
  const algorithm = [...head(0x30, oids.length), ...oids];
  const bits = [...head(0x03, generator.length + 1), 0x00];
  const publicLength = bits.length + generator.length;
  const publicPart = [...head(0xa1, publicLength), ...bits];
  const info = (trailing: number): Uint8Array => {
    const inner = [0x02, 0x01, 0x01, 0x04, length];
    const privateLength = inner.length + length + trailing;
    const ecPrivateKey = [...head(0x30, privateLength), ...inner];
    const octets = [...head(0x04, ecPrivateKey.length + length + trailing), ...ecPrivateKey];
    const body = [0x02, 0x01, 0x00, ...algorithm, ...octets];
    return Uint8Array.of(...head(0x30, body.length + length + trailing), ...body);
  };
  return {
    spki: Uint8Array.of(...head(0x30, algorithm.length + publicLength), ...algorithm, ...bits),
    pkcs8: info(0),
    pkcs8WithPublic: info(publicPart.length + generator.length),
    publicPart: Uint8Array.from(publicPart),
  };
}

const NIST: Readonly<Record<NistCurve, NistFraming>> = {
  "P-256": nistKey("P-256", "06082a8648ce3d030107"),
  "P-384": nistKey("P-384", "06052b81040022"),
  "P-521": nistKey("P-521", "06052b81040023"),
};

const FRAMING: Readonly<Record<KeyCurve, KeyFraming>> = {
  ...NIST,
  X25519: octetKey("06032b656e", 32),
  X448: octetKey("06032b656f", 56),
  Ed25519: octetKey("06032b6570", 32),
  Ed448: octetKey("06032b6571", 57),
};

/** A public key (uncompressed point or raw) as SubjectPublicKeyInfo. The caller has checked its length. */
export function encodeSpki(curve: KeyCurve, publicKey: Uint8Array): Uint8Array {
  return concatBytes(FRAMING[curve].spki, publicKey);
}

/** A private key (scalar or seed) as PrivateKeyInfo, without its public key. Secret: wipe it after use. */
export function encodePkcs8(curve: KeyCurve, privateKey: Uint8Array): Uint8Array {
  return concatBytes(FRAMING[curve].pkcs8, privateKey);
}

/** A scalar of a NIST curve as PrivateKeyInfo with a public key. Secret: wipe it after use. */
export function encodePkcs8WithPublicKey(
  curve: NistCurve,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array {
  const { pkcs8WithPublic, publicPart } = NIST[curve];
  return concatBytes(pkcs8WithPublic, privateKey, publicPart, publicKey);
}
