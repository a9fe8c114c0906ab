import { isNistScalar, NIST_CURVES } from "./nist-curves.ts";
import type { NistCurve } from "./nist-curves.ts";

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/*
 * ECDSA signatures in MLS are DER (RFC 9420 §5.1.2, RFC 8446 §4.2.3, RFC 5480 appendix A):
 *
 *   ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
 *
 * Backends differ in what they read: some take BER, some take bytes after the end. So they are read here, one way.
 */

/** Reads one INTEGER into `out`, right-aligned. Returns the offset after it, or -1. */
function readInteger(der: Uint8Array, at: number, out: Uint8Array): number {
  if (der[at] !== INTEGER) {
    return -1;
  }
  // The longest is n with a zero in front, 67 bytes: a length in the long form is never minimal.
  const length = der[at + 1] ?? 0;
  const start = at + 2;
  const end = start + length;
  if (length === 0 || length > out.length + 1 || end > der.length) {
    return -1;
  }
  const first = der[start]!;
  if (first >= 0x80) {
    return -1; // negative
  }
  const padded = first === 0 && length > 1;
  if (padded && der[start + 1]! < 0x80) {
    return -1; // not minimal
  }
  const value = der.subarray(padded ? start + 1 : start, end);
  if (value.length > out.length) {
    return -1;
  }
  out.set(value, out.length - value.length);
  return end;
}

/**
 * Reads an ECDSA signature strictly: DER with minimal lengths and integers, nothing after it, and r and s from 1 to
 * n - 1.
 * @returns r || s, each of the curve's scalar length, or `undefined`
 */
export function decodeEcdsaSignature(curve: NistCurve, der: Uint8Array): Uint8Array | undefined {
  const { length } = NIST_CURVES[curve];
  // SEQUENCE: the short form below 128 bytes of content, one length byte above it (P-521 alone reaches that).
  const long = der[1] === 0x81;
  const start = long ? 3 : 2;
  const content = long ? der[2] : der[1];
  if (
    der[0] !== SEQUENCE ||
    content === undefined ||
    content >= 0x80 !== long ||
    content !== der.length - start
  ) {
    return undefined;
  }
  const raw = new Uint8Array(2 * length);
  const r = raw.subarray(0, length);
  const s = raw.subarray(length);
  const middle = readInteger(der, start, r);
  if (middle === -1 || readInteger(der, middle, s) !== der.length) {
    return undefined;
  }
  return isNistScalar(curve, r) && isNistScalar(curve, s) ? raw : undefined;
}

function encodeInteger(value: Uint8Array): Uint8Array {
  let skip = 0;
  while (skip < value.length - 1 && value[skip] === 0) {
    skip++;
  }
  const padding = value[skip]! >= 0x80 ? 1 : 0;
  const length = value.length - skip + padding;
  const integer = new Uint8Array(2 + length);
  integer[0] = INTEGER;
  integer[1] = length;
  integer.set(value.subarray(skip), 2 + padding);
  return integer;
}

/** Writes r || s, as WebCrypto and most hardware give it, as DER. */
export function encodeEcdsaSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const r = encodeInteger(raw.subarray(0, half));
  const s = encodeInteger(raw.subarray(half));
  const content = r.length + s.length;
  const header = content < 0x80 ? [SEQUENCE, content] : [SEQUENCE, 0x81, content];
  const der = new Uint8Array(header.length + content);
  der.set(header);
  der.set(r, header.length);
  der.set(s, header.length + r.length);
  return der;
}
