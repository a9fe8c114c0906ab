/** Joins byte strings into one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * A copy of plain data all the way down, with plain `Uint8Array`s also where there were Buffers, whose `slice()` is no
 * copy: what an application hands over or is handed is nobody else's.
 */
export function deepCopy<T>(value: T): T {
  if (isBytes(value)) {
    return new Uint8Array(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(deepCopy) as T;
  }
  return typeof value === "object" && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([name, field]) => [name, deepCopy(field)])) as T)
    : value;
}

/**
 * Whether two byte strings are equal, for public data: stops at the first difference.
 * Use {@link equalBytesConstantTime} for tags and secrets.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) {
    return true;
  }
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

/** Whether two byte strings are equal; the time taken depends on their lengths alone. */
export function equalBytesConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  }
  return difference === 0;
}

/** Lexicographic order of byte strings as unsigned octets, the shorter first: the key order of storage. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal, for people and for map keys off the hot path. */
export function bytesToHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) {
    hex += HEX[byte] ?? "";
  }
  return hex;
}

/**
 * Bytes of a hexadecimal string (either case, even length).
 * @throws TypeError if the string is not hexadecimal
 */
export function hexToBytes(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || /[^0-9a-fA-F]/.test(hex)) {
    throw new TypeError("not a hexadecimal string");
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** A string with one UTF-16 unit per octet: a cheap, exact key for a `Map`. */
export function bytesToKey(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) {
    key += String.fromCharCode(byte);
  }
  return key;
}

// Every runtime has it, the ES2023 library does not declare it, and DOM or Node types would let in much more.
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };

/** UTF-8 octets of a string. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Overwrites secrets with zeros. JavaScript may hold copies elsewhere; this removes the one that we can reach. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) {
    secret?.fill(0);
  }
}

/** True for a `Uint8Array`, also one of another realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}
