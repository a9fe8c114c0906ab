import type { CipherSuite } from "@openmls-ts/traits";
import { bytesToHex, equalBytes, hexToBytes } from "@openmls-ts/traits";

/** A value of a vector that our code does not reproduce. */
export class Mismatch extends Error {
  override readonly name: string = "Mismatch";
}

/** Bytes of a hexadecimal field. */
export function hex(field: string): Uint8Array {
  if (typeof field !== "string") {
    throw new Mismatch("a hexadecimal field is missing");
  }
  return hexToBytes(field);
}

function brief(bytes: Uint8Array): string {
  const text = bytesToHex(bytes.subarray(0, 24));
  return bytes.length > 24 ? `${text}… (${bytes.length} bytes)` : `${text} (${bytes.length} bytes)`;
}

/** Bytes against a hexadecimal field. */
export function sameBytes(what: string, actual: Uint8Array, expected: string | Uint8Array): void {
  const wanted = typeof expected === "string" ? hex(expected) : expected;
  if (!equalBytes(actual, wanted)) {
    throw new Mismatch(`${what}: expected ${brief(wanted)}, got ${brief(actual)}`);
  }
}

/** Numbers, big integers, strings and booleans. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) {
    throw new Mismatch(`${what}: expected ${String(expected)}, got ${String(actual)}`);
  }
}

/** A condition. */
export function holds(what: string, condition: boolean): asserts condition {
  if (!condition) {
    throw new Mismatch(`does not hold: ${what}`);
  }
}

/** That a promise rejects. */
export async function rejects(what: string, run: () => Promise<unknown>): Promise<void> {
  let rejected = false;
  try {
    await run();
  } catch {
    rejected = true;
  }
  holds(what, rejected);
}

/** An unsigned 64-bit field: large ones arrive as strings, because a JavaScript number would round them. */
export function uint64(field: number | string): bigint {
  return BigInt(field);
}

// Some generators drop the leading zeros of a big-endian scalar.
function padded(key: Uint8Array, length: number): Uint8Array {
  if (key.length >= length) {
    return key;
  }
  const full = new Uint8Array(length);
  full.set(key, length - key.length);
  return full;
}

/** A KEM private key in the length that RFC 9180 gives it. */
export function hpkePrivateKey(suite: CipherSuite, field: string): Uint8Array {
  const { curve, privateKeyLength } = suite.params.kem;
  const key = hex(field);
  return curve?.startsWith("P-") === true ? padded(key, privateKeyLength) : key;
}

/** A signature private key in the length that the registry gives it. */
export function signaturePrivateKey(suite: CipherSuite, field: string): Uint8Array {
  const { name, privateKeyLength } = suite.params.signature;
  const key = hex(field);
  if (name.startsWith("ECDSA")) {
    return padded(key, privateKeyLength);
  }
  // Some generators write seed and public key one after the other.
  return key.length === privateKeyLength + suite.params.signature.publicKeyLength
    ? key.slice(0, privateKeyLength)
    : key;
}
